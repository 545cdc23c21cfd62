import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, closeSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { openParentChannel } from '../../../main/adapters/child-channel.ts'
import { createNodeWorkerHost } from '../../../main/adapters/node-worker-host.ts'
import type { ChildProcess } from '../../../main/core/ports/worker-host.ts'

const entry = fileURLToPath(new URL('echo-child.ts', import.meta.url))
const ENVIRONMENT = {
  PATH: process.env['PATH'],
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  HOME: '/home/ada',
  TMPDIR: undefined,
  FERNSYNC_CANARY: 'must not arrive',
  NODE_OPTIONS: '--no-warnings',
}

function start(extraEnv?: Readonly<Record<string, string>>): ChildProcess {
  const host = createNodeWorkerHost({
    entries: {
      worker: entry,
      'vault-process': '/no/such/file.ts',
      'keychain-helper': entry,
      'import-process': entry,
    },
    environment: ENVIRONMENT,
  })
  const child = host.start('worker', extraEnv)
  onTestFinished(() => child.kill())
  return child
}

const nextMessage = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve) => child.onMessage(resolve))
const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.onExit(resolve))

function isRunning(pid: number): boolean {
  try {
    // A process that nobody has waited for yet still has a pid; its command line is gone.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== ''
  } catch {
    return false
  }
}

describe('createNodeWorkerHost', () => {
  it('carries structured values both ways, bytes as bytes', async () => {
    const child = start()
    child.post({ key: Uint8Array.of(1, 2), when: new Map([['a', 1n]]) })
    expect(await nextMessage(child)).toEqual({
      echo: { key: Uint8Array.of(1, 2), when: new Map([['a', 1n]]) },
      isBytes: false,
    })
  })

  it('gives a child the few variables it needs and what was asked for, nothing else', async () => {
    const child = start({ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/bus' })
    child.post({})
    await nextMessage(child)
    const environ = readFileSync(`/proc/${child.pid}/environ`, 'utf8').split('\0').filter(Boolean)
    const own = environ.filter((variable) => !variable.startsWith('NODE_CHANNEL_'))
    expect(own.sort()).toEqual([
      'DBUS_SESSION_BUS_ADDRESS=unix:path=/bus',
      'HOME=/home/ada',
      'LANG=C.UTF-8',
      `PATH=${process.env['PATH']}`,
      'TZ=UTC',
    ])
  })

  it('gives it no argument but its own file', async () => {
    const child = start()
    child.post({})
    await nextMessage(child)
    const cmdline = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').split('\0').filter(Boolean)
    expect(cmdline).toEqual([process.execPath, entry])
  })

  it('lets it inherit no open file: standard streams are /dev/null, and there is one socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fernsync-fd-'))
    const file = openSync(join(folder, 'vault.json'), 'w')
    onTestFinished(() => {
      closeSync(file)
      rmSync(folder, { recursive: true })
    })
    const child = start()
    child.post({})
    await nextMessage(child)
    const links = readdirSync(`/proc/${child.pid}/fd`).map((fd) => ({
      fd: Number(fd),
      target: readlinkSync(`/proc/${child.pid}/fd/${fd}`),
    }))
    const outside = links.filter(({ target }) => !/^(anon_inode|pipe):/.test(target))
    expect(outside.filter(({ fd }) => fd <= 2).map(({ target }) => target)).toEqual(
      Array(3).fill('/dev/null'),
    )
    expect(outside.filter(({ target }) => target.startsWith('socket:'))).toHaveLength(1)
    expect(links.some(({ target }) => target.includes(folder))).toBe(false)
  })

  it('says once how a child ended: by itself with its code, by a signal with null', async () => {
    const left = start()
    left.post({ exit: 7 })
    expect(await exitOf(left)).toBe(7)
    const killed = start()
    killed.post({})
    await nextMessage(killed)
    killed.kill()
    killed.kill()
    expect(await exitOf(killed)).toBeNull()
  })

  it('tells a listener that came too late', async () => {
    const child = start()
    const pid = child.pid ?? 0
    child.kill()
    await expect.poll(() => isRunning(pid)).toBe(false)
    expect(await exitOf(child)).toBeNull()
  })

  it('drops what is posted to a child that has ended', async () => {
    const child = start()
    child.kill()
    child.post({ late: true })
    await exitOf(child)
    expect(() => child.post({ later: true })).not.toThrow()
  })

  it('reports an entry file that is not there as an end, not as a crash of this process', async () => {
    const host = createNodeWorkerHost({
      entries: {
        worker: '/no/such/file.ts',
        'vault-process': entry,
        'keychain-helper': entry,
        'import-process': entry,
      },
      environment: ENVIRONMENT,
    })
    expect(await exitOf(host.start('worker'))).toBe(1)
  })

  it('passes the variables on that Windows cannot do without', async () => {
    const host = createNodeWorkerHost({
      entries: { worker: entry, 'vault-process': entry, 'keychain-helper': entry, 'import-process': entry },
      environment: { ...ENVIRONMENT, SystemRoot: 'C:\\Windows' },
      platform: 'win32',
    })
    const child = host.start('worker')
    onTestFinished(() => child.kill())
    child.post({})
    await nextMessage(child)
    expect(readFileSync(`/proc/${child.pid}/environ`, 'utf8')).toContain('SystemRoot=C:\\Windows')
  })

  it('starts children that end when their parent is killed', async () => {
    const script = fileURLToPath(new URL('echo-parent.ts', import.meta.url))
    const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const child = Number(line.toString())
    expect(isRunning(child)).toBe(true)
    parent.kill('SIGKILL')
    await expect.poll(() => isRunning(child), { timeout: 5000 }).toBe(false)
  })
})

describe('openParentChannel', () => {
  afterEach(() => {
    Reflect.deleteProperty(process, 'parentPort')
  })

  it("uses Electron's parent port where there is one", () => {
    const posted: unknown[] = []
    const received: unknown[] = []
    let deliver: (event: { data: unknown }) => void = () => {}
    const parentPort = {
      postMessage: (message: unknown) => posted.push(message),
      on: (_: 'message', listener: typeof deliver) => {
        deliver = listener
      },
    }
    Object.assign(process, { parentPort })
    const channel = openParentChannel()
    channel.onMessage((message) => received.push(message))
    channel.post({ a: 1 })
    deliver({ data: { b: 2 } })
    expect({ posted, received }).toEqual({ posted: [{ a: 1 }], received: [{ b: 2 }] })
  })

  it('refuses to run without a parent', async () => {
    const alone = spawn(process.execPath, [entry], { stdio: ['ignore', 'ignore', 'pipe'] })
    const [text] = (await once(alone.stderr, 'data')) as [Buffer]
    const [code] = (await once(alone, 'exit')) as [number]
    expect(code).toBe(1)
    expect(text.toString()).toContain('started by Fernsync')
  })
})
