import { Worker } from 'node:worker_threads'
import { blocksItsThread, deriveKey } from '../core/crypto/kdf.ts'
import type { KdfInput } from '../core/crypto/kdf.ts'
import { AppError } from '../model/app-error.ts'

const KEY_BYTES = 32

/**
 * Derivations off the event loop: PBKDF2 on Node's thread pool, the others in a thread of their own that is started from `entry`,
 * the built file of the derive thread. Ending the process ends them. Rejects with AppError('internal') when the thread ends
 * without a key, as it does when this machine has not the memory the numbers ask for.
 */
export function createThreadedDerive(entry: string): (input: KdfInput) => Promise<Uint8Array> {
  return (input) => (blocksItsThread(input.name) ? inThread(entry, input) : deriveKey(input))
}

function inThread(entry: string, input: KdfInput): Promise<Uint8Array> {
  // Copied into the thread: the caller wipes its own.
  const worker = new Worker(entry, { workerData: input, env: {}, argv: [], execArgv: [] })
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown): void => reject(new AppError('internal', 'derivation failed', { cause }))
    worker.once('message', (key: unknown) => {
      if (key instanceof Uint8Array && key.byteLength === KEY_BYTES) resolve(key)
      else fail()
    })
    worker.once('error', fail)
    worker.once('exit', () => fail())
  })
}
