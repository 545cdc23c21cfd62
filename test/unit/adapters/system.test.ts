import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { machineIdHash } from '../../../main/adapters/machine-id.ts'
import { nodeRandom } from '../../../main/adapters/node-random.ts'
import { systemClock } from '../../../main/adapters/system-clock.ts'
import { asAppError } from '../../../main/adapters/system-errors.ts'
import { AppError } from '../../../main/model/app-error.ts'
import { Uuid } from '../../../main/model/ids.ts'
import { tempFolder } from '../../helpers/temp-home.ts'

describe('systemClock', () => {
  it('calls a timer once, and never a cancelled one', async () => {
    const seen: string[] = []
    const cancel = systemClock.setTimer(0, () => seen.push('cancelled'))
    cancel()
    cancel()
    await new Promise<void>((resolve) => {
      systemClock.setTimer(1, () => {
        seen.push('ran')
        resolve()
      })
    })
    expect(seen).toEqual(['ran'])
  })

  it.each([-1, 2 ** 31, Number.NaN])('refuses a delay of %s, which Node would turn into 1 ms', (delay) => {
    expect(() => systemClock.setTimer(delay, () => {})).toThrow(RangeError)
  })
})

describe('nodeRandom', () => {
  it('gives fresh bytes in memory of their own', () => {
    const bytes = nodeRandom.bytes(16)
    expect(bytes.buffer.byteLength).toBe(16)
    expect(bytes).not.toEqual(nodeRandom.bytes(16))
    expect(nodeRandom.bytes(0)).toHaveLength(0)
  })

  it('gives lower-case UUIDs', () => {
    expect(Uuid.safeParse(nodeRandom.uuid()).success).toBe(true)
  })
})

describe('machineIdHash', () => {
  const ID = '0123456789abcdef0123456789abcdef'

  it('is the same for the same id, another for another, and shows neither', async () => {
    const folder = await tempFolder()
    await writeFile(join(folder, 'a'), `${ID}\n`)
    await writeFile(join(folder, 'b'), `${ID.replace('0', 'f')}\n`)
    const hash = (...names: string[]): string | null =>
      machineIdHash({ platform: 'linux', linuxFiles: names.map((name) => join(folder, name)) })
    expect(hash('a')).toMatch(/^[0-9a-f]{64}$/)
    expect(hash('missing', 'a')).toBe(hash('a'))
    expect(hash('b')).not.toBe(hash('a'))
    expect(hash('a')).not.toContain(ID.slice(0, 8))
  })

  it('is null where there is no id', async () => {
    const empty = join(await tempFolder(), 'empty')
    await writeFile(empty, 'uninitialized\n')
    expect(machineIdHash({ platform: 'linux', linuxFiles: [empty, '/no/such/file'] })).toBeNull()
    expect(machineIdHash({ platform: 'darwin' })).toBeNull()
  })
})

describe('asAppError', () => {
  it.each([
    ['ENOSPC', 'no-space'],
    ['EDQUOT', 'no-space'],
    ['EACCES', 'home-unusable'],
    ['EROFS', 'home-unusable'],
    ['EIO', 'internal'],
    ['EMFILE', 'internal'],
  ])('turns %s into %s and keeps the cause', (code, expected) => {
    const cause = Object.assign(new Error('text of the system'), { code })
    const error = asAppError(cause, 'writing x')
    expect(error).toMatchObject({
      code: expected,
      message: 'writing x failed',
      cause,
      details: { system: code },
    })
  })

  it('passes an AppError on', () => {
    const error = new AppError('busy', 'x')
    expect(asAppError(error, 'y')).toBe(error)
  })
})
