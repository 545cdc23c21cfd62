import { describe, expect, it } from 'vitest'
import { createHomeLock } from '../../../main/adapters/home-lock.ts'
import { createNodeFileStore } from '../../../main/adapters/node-file-store.ts'
import { systemClock } from '../../../main/adapters/system-clock.ts'
import { createSettingsFile } from '../../../main/core/store/settings.ts'
import { openWindowMemory } from '../../../main/desktop/window-memory.ts'
import { AppError } from '../../../main/model/app-error.ts'
import { tempFolder } from '../../helpers/temp-home.ts'

const size = { width: 900, height: 700, maximized: false }

async function settings() {
  const root = await tempFolder()
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const lock = createHomeLock({ folder: root, clock: systemClock })
  return createSettingsFile({ files: createNodeFileStore({ root }), lock, log })
}

describe('openWindowMemory', () => {
  it('knows no size before one was noted, and after a restart the one that was saved', async () => {
    const file = await settings()
    const memory = await openWindowMemory(file)
    expect(memory.last()).toBeNull()
    memory.note(size)
    expect(memory.last()).toEqual(size)
    await memory.save()
    expect((await openWindowMemory(file)).last()).toEqual(size)
  })

  it('writes only what changed, and leaves the other preferences alone', async () => {
    const file = await settings()
    await file.set({ theme: 'dark' })
    let writes = 0
    const memory = await openWindowMemory({
      get: () => file.get(),
      set: (patch) => {
        writes += 1
        return file.set(patch)
      },
    })
    await memory.save()
    memory.note(size)
    await memory.save()
    memory.note(size)
    await memory.save()
    expect(writes).toBe(1)
    expect(await file.get()).toMatchObject({ theme: 'dark', window: size })
  })

  it('does without settings that cannot be read or written', async () => {
    const fails = () => Promise.reject(new AppError('busy', 'locked by a test'))
    const memory = await openWindowMemory({ get: fails, set: fails })
    memory.note(size)
    await expect(memory.save()).resolves.toBeUndefined()
    expect(memory.last()).toEqual(size)
  })
})
