import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const mark = 'FERNSYNC_BENCH_INSIDE'
const tmpfs = 'FERNSYNC_BENCH_TMPFS'

/** True in the program that `runIsolated` has started. */
export const isIsolated = process.env[mark] !== undefined

/** Where the bench works. */
export type Place = {
  /** Folder on a tmpfs, null when there is none to be had. */
  readonly memory: string | null
  /** Folder on whatever disk the temp folder for big things is on. */
  readonly disk: string
  readonly isNamespace: boolean
}

/**
 * Starts this program once more in a network namespace whose loopback has the MTU of Ethernet, with a tmpfs that nobody
 * else sees; both are gone when it ends. Answers its exit code, or null when that is not allowed here or has happened
 * already: then the caller does the work itself.
 */
export function runIsolated(args: readonly string[]): Promise<number> | null {
  if (isIsolated || process.getuid?.() !== 0) return null
  const unshare = ['--net', '--mount', '--propagation', 'private']
  if (spawnSync('unshare', [...unshare, 'ip', 'link', 'set', 'lo', 'mtu', '1500', 'up']).status !== 0)
    return null
  const folder = mkdtempSync(join(tmpdir(), 'fernsync-bench-'))
  const script =
    'ip link set lo mtu 1500 up && mount -t tmpfs -o size=60%,mode=755 tmpfs "$1" && shift && exec "$@"'
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1, 2), ...args]
  const child = spawn('unshare', [...unshare, 'sh', '-c', script, 'sh', folder, ...self], {
    stdio: 'inherit',
    env: { ...process.env, [mark]: '1', [tmpfs]: folder },
  })
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, forward)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      rmSync(folder, { recursive: true, force: true })
      resolve(code ?? 1)
    })
  })
}

/** Answers working folders and what removes them. */
export function openPlace(): { place: Place; remove: () => void } {
  const base = process.env[tmpfs] ?? (typeOf('/dev/shm') === 'tmpfs' ? '/dev/shm' : null)
  const memory = base === null ? null : mkdtempSync(join(base, 'fernsync-bench-'))
  mkdirSync('/var/tmp', { recursive: true })
  const disk = mkdtempSync('/var/tmp/fernsync-bench-')
  // The server's user has to get to the served folder below.
  for (const folder of [memory, disk]) if (folder !== null) chmodSync(folder, 0o755)
  const remove = (): void => {
    for (const folder of [memory, disk]) if (folder !== null) rmSync(folder, { recursive: true, force: true })
  }
  process.on('exit', remove)
  return { place: { memory, disk, isNamespace: isIsolated }, remove }
}

function typeOf(folder: string): string | null {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
  return mounts.map((line) => line.split(' ')).findLast(([, at]) => at === folder)?.[2] ?? null
}
