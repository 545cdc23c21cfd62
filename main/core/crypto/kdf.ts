import { argon2 } from './argon2.ts'
import { bcryptKey } from './bcrypt.ts'
import type { BcryptInput } from './bcrypt.ts'
import { wipe } from './bytes.ts'
import { pbkdf2HmacSha256 } from './pbkdf2.ts'
import type { Pbkdf2Input } from './pbkdf2.ts'
import { scrypt } from './scrypt.ts'
import type { ScryptInput } from './scrypt.ts'

/** What argon2id costs: memory in KiB, passes over it, lanes. */
export type Argon2idInput = {
  readonly password: Uint8Array
  readonly salt: Uint8Array
  readonly memoryKiB: number
  readonly iterations: number
  readonly parallelism: number
}

/** The derivations of key slots by their stored names. Every one answers 32 bytes. */
export type KdfInput =
  | ({ readonly name: 'pbkdf2-hmac-sha256' } & Pbkdf2Input)
  | ({ readonly name: 'scrypt' } & ScryptInput)
  | ({ readonly name: 'argon2id' } & Argon2idInput)
  | ({ readonly name: 'bcrypt' } & BcryptInput)

export type KdfName = KdfInput['name']

/** 32 bytes; the caller wipes them, and the password. Bounds are policy and checked before. */
export function deriveKey(input: KdfInput): Promise<Uint8Array> {
  switch (input.name) {
    case 'pbkdf2-hmac-sha256':
      return pbkdf2HmacSha256(input)
    case 'scrypt':
      return scrypt(input)
    case 'argon2id':
      return argon2({ ...input, variant: 'id' })
    case 'bcrypt':
      return bcryptKey(input)
  }
}

/** True for those that compute on the calling thread: whoever has an event loop to keep free needs a thread for them. */
export function blocksItsThread(name: KdfName): boolean {
  return name !== 'pbkdf2-hmac-sha256'
}

const PROBE_ITERATIONS = 20_000
const PROBE_LOG_N = 10
const PROBE_MEMORY_KIB = 4096
const PROBE_COST = 6

/**
 * Milliseconds that `input` will take here and now, from a probe of a few with `derive`. `monotonic` is the clock port's. An
 * estimate: a busy machine makes it longer, and the first one that compiles WebAssembly a little.
 */
export async function estimateKdfMs(
  input: KdfInput,
  derive: (input: KdfInput) => Promise<Uint8Array>,
  monotonic: () => number,
): Promise<number> {
  const { probe, times } = smaller({ ...input, password: new Uint8Array(16), salt: new Uint8Array(16) })
  const started = monotonic()
  wipe(await derive(probe))
  return (monotonic() - started) * times
}

/** The same with less to do, and how many times less. */
function smaller(input: KdfInput): { readonly probe: KdfInput; readonly times: number } {
  switch (input.name) {
    case 'pbkdf2-hmac-sha256':
      return {
        probe: { ...input, iterations: PROBE_ITERATIONS },
        times: input.iterations / PROBE_ITERATIONS,
      }
    case 'scrypt':
      return { probe: { ...input, logN: PROBE_LOG_N }, times: 2 ** (input.logN - PROBE_LOG_N) }
    case 'argon2id': {
      const { memoryKiB, iterations } = input
      const probe = { ...input, memoryKiB: PROBE_MEMORY_KIB, iterations: 1 }
      return { probe, times: (memoryKiB / PROBE_MEMORY_KIB) * iterations }
    }
    case 'bcrypt':
      return { probe: { ...input, cost: PROBE_COST }, times: 2 ** (input.cost - PROBE_COST) }
  }
}
