import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** Ends one process that a test started, also a stopped one, and waits until it is gone. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
