import { CryptoError } from './crypto-error.ts'

export type Argon2Input = {
  readonly variant: 'd' | 'id'
  /** The caller wipes it. */
  readonly password: Uint8Array
  /** At least 8 bytes. */
  readonly salt: Uint8Array
  readonly iterations: number
  /** At least 8 per lane. Bounds are policy and checked by whoever read the numbers from a file. */
  readonly memoryKiB: number
  readonly parallelism: number
}

/**
 * Argon2 version 1.3 (RFC 9106) in WebAssembly, because Electron's crypto has none. 32 bytes; the caller wipes them. Computes on
 * the calling thread: for processes that have nothing else to do. Throws CryptoError for parameters that Argon2 does not have and
 * for memory that this machine does not give.
 */
export async function argon2(input: Argon2Input): Promise<Uint8Array> {
  const { variant, password, salt, iterations, memoryKiB, parallelism } = input
  try {
    // When it is needed: its WebAssembly would lengthen every start of the process that opens vaults.
    const { argon2d, argon2id } = await import('hash-wasm')
    const derive = variant === 'd' ? argon2d : argon2id
    return await derive({
      password,
      salt,
      iterations,
      memorySize: memoryKiB,
      parallelism,
      hashLength: 32,
      outputType: 'binary',
    })
  } catch {
    throw new CryptoError('invalid iteration count')
  }
}
