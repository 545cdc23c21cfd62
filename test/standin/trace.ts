import { appendFileSync } from 'node:fs'
import path from 'node:path'

const folder = process.env['STANDIN_IPC_TRACE'] ?? ''

/**
 * Appends what main tells a page, and what it and its utility processes tell each other, to a file of that name in the folder of
 * STANDIN_IPC_TRACE; nothing without it. What pages tell main is not kept: people type secrets there.
 */
export function keepTrace(name: string, message: string | Uint8Array): void {
  if (folder !== '') appendFileSync(path.join(folder, name), message)
}
