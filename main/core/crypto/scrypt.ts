import { CryptoError } from './crypto-error.ts'

export type ScryptInput = {
  /** The caller wipes it. */
  readonly password: Uint8Array
  readonly salt: Uint8Array
  /** Binary logarithm of the cost N. Memory is 128 * N * r bytes. Bounds are policy, checked before. */
  readonly logN: number
  readonly r: number
  readonly p: number
}

/**
 * scrypt (RFC 7914) in WebAssembly, the same in every build of Node and Electron. 32 bytes; the caller wipes them. Computes on the
 * calling thread. Throws CryptoError for numbers scrypt does not have and for memory that this machine does not give.
 */
export async function scrypt({ password, salt, logN, r, p }: ScryptInput): Promise<Uint8Array> {
  try {
    // When it is needed, as argon2 does.
    const { scrypt: wasmScrypt } = await import('hash-wasm')
    const numbers = { costFactor: 2 ** logN, blockSize: r, parallelism: p }
    return await wasmScrypt({ password, salt, ...numbers, hashLength: 32, outputType: 'binary' })
  } catch {
    throw new CryptoError('invalid iteration count')
  }
}
