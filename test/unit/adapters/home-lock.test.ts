import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHomeLock } from '../../../main/adapters/home-lock.ts'
import { systemClock } from '../../../main/adapters/system-clock.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'
import { tempFolder } from '../../helpers/temp-home.ts'

type Holder = ChildProcessByStdio<Writable, Readable, null>

const script = fileURLToPath(new URL('lock-holder.ts', import.meta.url))
const lockOf = (folder: string) => createHomeLock({ folder, clock: systemClock })
const nothing = () => Promise.resolve()

async function startHolder(folder: string): Promise<Holder> {
  const holder = spawn(process.execPath, [script, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => {
    holder.kill('SIGKILL')
  })
  await once(holder.stdout, 'data')
  return holder
}

describe('createHomeLock', () => {
  it('runs the work, returns its result, and frees the lock also when the work fails', async () => {
    const lock = lockOf(await tempFolder())
    expect(await lock.hold('vault', () => Promise.resolve(42))).toBe(42)
    await expect(lock.hold('vault', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await lock.hold('vault', () => Promise.resolve(43), { waitMs: 0 })).toBe(43)
  })

  it('locks also where the hint about its holder cannot be written', async () => {
    const folder = await tempFolder()
    await mkdir(join(folder, 'locks.pid'))
    expect(await lockOf(folder).hold('vault', () => Promise.resolve(42))).toBe(42)
  })

  it('lets one work of this process run at a time, in the order of the calls', async () => {
    const folder = await tempFolder()
    const lock = lockOf(folder)
    const seen: string[] = []
    const work = (name: string) => async () => {
      seen.push(`${name} in`)
      await new Promise((resolve) => setImmediate(resolve))
      seen.push(`${name} out`)
    }
    await Promise.all(['a', 'b', 'c'].map((name) => lock.hold('vault', work(name))))
    expect(seen).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out'])
  })

  it('excludes another lock object on the same folder', async () => {
    const folder = await tempFolder()
    await lockOf(folder).hold('vault', async () => {
      await expect(lockOf(folder).hold('vault', nothing, { waitMs: 30 })).rejects.toMatchObject({
        code: 'busy',
      })
    })
  })

  it('keeps the lock against other processes while another lock object of this process tries', async () => {
    const folder = await tempFolder()
    const probe = (): string =>
      execFileSync(process.execPath, [script, folder, 'probe'], { encoding: 'utf8' })
    await lockOf(folder).hold('vault', async () => {
      await expect(lockOf(folder).hold('vault', nothing, { waitMs: 0 })).rejects.toMatchObject({
        code: 'busy',
      })
      expect(probe()).toBe('busy')
    })
    expect(probe()).toBe('free')
  })

  it('never lets `vault` and `kdf` wait for each other', async () => {
    const lock = lockOf(await tempFolder())
    await lock.hold('kdf', () => lock.hold('vault', nothing, { waitMs: 0 }))
    await lock.hold('vault', () => lock.hold('kdf', nothing, { waitMs: 0 }))
  })

  it('waits for another process and gets the lock when that one is through', async () => {
    const folder = await tempFolder()
    const holder = await startHolder(folder)
    let done = false
    const held = lockOf(folder).hold('vault', () => {
      done = true
      return Promise.resolve()
    })
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(done).toBe(false)
    holder.stdin.write('go\n')
    await held
    expect(done).toBe(true)
  })

  it('is free as soon as the process that held it is killed', async () => {
    const folder = await tempFolder()
    const holder = await startHolder(folder)
    const lock = lockOf(folder)
    await expect(lock.hold('vault', nothing, { waitMs: 0 })).rejects.toMatchObject({
      code: 'busy',
      details: { pid: holder.pid },
    })
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    await lock.hold('vault', nothing, { waitMs: 0 })
  })

  it('stays with a process that is stopped, however long that takes', async () => {
    const folder = await tempFolder()
    const holder = await startHolder(folder)
    holder.kill('SIGSTOP')
    const busy = { code: 'busy', details: { pid: holder.pid } }
    await expect(lockOf(folder).hold('vault', nothing, { waitMs: 300 })).rejects.toMatchObject(busy)
    holder.kill('SIGCONT')
    holder.stdin.write('go\n')
    await lockOf(folder).hold('vault', nothing)
  })

  it('polls for ten seconds of the clock unless told otherwise', async () => {
    const clock = createFakeClock()
    let attempts = 0
    const lock = createHomeLock({
      folder: await tempFolder(),
      clock,
      openLockFile: () => ({ tryAcquire: () => (attempts++, false), release: () => {}, close: () => {} }),
    })
    const held = lock.hold('vault', nothing).then(
      () => 'held',
      (error: unknown) => error,
    )
    await clock.advance(9999)
    expect(await Promise.race([held, Promise.resolve('waiting')])).toBe('waiting')
    const before = attempts
    await clock.advance(1)
    expect(await held).toMatchObject({ code: 'busy', details: { pid: null } })
    expect(before).toBeGreaterThan(9999 / 300)
    expect(clock.pending).toBe(0)
  })

  it('refuses a file system that cannot lock, instead of going on without', async () => {
    const ioErrorLock = Object.assign(new Error('disk I/O error'), { errcode: 3850 })
    const lock = createHomeLock({
      folder: await tempFolder(),
      clock: systemClock,
      openLockFile: () => ({
        tryAcquire: () => {
          throw ioErrorLock
        },
        release: () => {},
        close: () => {},
      }),
    })
    await expect(lock.hold('vault', nothing)).rejects.toMatchObject({
      code: 'home-unusable',
      cause: ioErrorLock,
    })
  })

  it('refuses a folder that is not there, and a lock file that is none', async () => {
    const folder = await tempFolder()
    await expect(lockOf(join(folder, 'no')).hold('vault', nothing)).rejects.toMatchObject({
      code: 'home-unusable',
    })
    await writeFile(join(folder, 'locks.sqlite'), 'x'.repeat(5000))
    await expect(lockOf(folder).hold('vault', nothing)).rejects.toMatchObject({ code: 'home-unusable' })
    await mkdir(join(folder, 'locks-kdf.sqlite'))
    await expect(lockOf(folder).hold('kdf', nothing)).rejects.toMatchObject({ code: 'home-unusable' })
  })

  it('leaves nothing but empty lock files and a process id, for the owner only', async () => {
    const folder = await tempFolder()
    await lockOf(folder).hold('vault', nothing)
    await lockOf(folder).hold('kdf', nothing)
    const names = (await readdir(folder)).sort()
    expect(names).toEqual(['locks-kdf.pid', 'locks-kdf.sqlite', 'locks.pid', 'locks.sqlite'])
    for (const name of names) {
      const { mode, size } = await stat(join(folder, name))
      expect(mode & 0o777, name).toBe(0o600)
      if (name.endsWith('.sqlite')) expect(size, name).toBe(0)
    }
  })
})
