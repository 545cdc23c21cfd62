import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

export type Finished = {
  /** From the start of the process to its end. */
  readonly ms: number
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  /** Highest resident memory of the watched descendant, in megabytes of 10^6 bytes; null when none was seen. */
  readonly peakMb: number | null
}

export type RunOptions = {
  readonly env?: Readonly<Record<string, string>>
  /** Part of the command line of a child whose memory is watched. */
  readonly watch?: string
}

const watchEveryMs = 20

/** Runs a command to its end and times it. Never rejects for its exit code. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const env = { ...process.env, ...options.env }
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const text = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk))
    const watched =
      options.watch === undefined || child.pid === undefined
        ? null
        : createPeakWatch(child.pid, options.watch)
    child.once('error', reject)
    child.once('close', (status) => {
      const ms = performance.now() - startedAt
      resolve({ ms, status, ...text, peakMb: watched?.stop() ?? null })
    })
  })
}

/** Like `runCommand`; rejects with the command's last words when it fails. */
export async function mustRun(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const done = await runCommand(command, args, options)
  if (done.status === 0) return done
  const words = `${done.stdout}\n${done.stderr}`.trim().split('\n').slice(-12).join('\n')
  throw new Error(`${command} ${args.join(' ')} ended with ${done.status}:\n${words}`)
}

/** The kernel keeps the peak (VmHWM in proc(5)) itself, so looking now and then misses only what comes after the last look. */
function createPeakWatch(parent: number, part: string): { stop(): number | null } {
  let pid: number | null = null
  let peakKb = 0
  const look = (): void => {
    pid ??= childrenOf(parent).find((child) => commandLine(child).includes(part)) ?? null
    if (pid === null) return
    const status = read(`/proc/${pid}/status`)
    peakKb = Math.max(peakKb, Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0))
  }
  const timer = setInterval(look, watchEveryMs)
  return {
    stop() {
      clearInterval(timer)
      return peakKb === 0 ? null : (peakKb * 1024) / 1e6
    },
  }
}

function childrenOf(pid: number): readonly number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
}

function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`)
}

/** Empty when the process is gone. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
