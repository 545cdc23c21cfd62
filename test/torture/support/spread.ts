import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Ranges that cover 0 to below `count`, one per processor, so that a range's trials stay what they are on one. */
export function ranges(
  count: number,
  most = availableParallelism(),
): (readonly [from: number, to: number])[] {
  const size = Math.ceil(count / Math.max(1, most))
  const starts = Array.from({ length: Math.ceil(count / size) }, (_, n) => n * size)
  return starts.map((from) => [from, Math.min(count, from + size)])
}

/** Runs a script in a process of its own and answers the JSON it printed. Throws when it fails. */
export async function runScript(script: string, args: readonly (string | number)[]): Promise<unknown> {
  const child = spawn(process.execPath, [script, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.on('data', (chunk) => (printed += String(chunk)))
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`${script} ended with ${String(code)}`)
  return JSON.parse(printed)
}
