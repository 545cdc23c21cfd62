import { parentPort, workerData } from 'node:worker_threads'
import { deriveKey } from '../core/crypto/kdf.ts'
import type { KdfInput } from '../core/crypto/kdf.ts'

/**
 * A thread for one derivation that would hold the event loop of the process it is needed in. Gets a copy of the input, which it
 * wipes, posts the 32 bytes and ends; an error of any kind ends it without an answer.
 */
// What our own process passes to its own thread.
const input = workerData as KdfInput
try {
  const key = await deriveKey(input)
  parentPort?.postMessage(key, [key.buffer as ArrayBuffer])
} finally {
  input.password.fill(0)
}
