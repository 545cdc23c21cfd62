import { aesKdf } from './aes-kdf.ts'
import type { AesKdfInput } from './aes-kdf.ts'
import { argon2 } from './argon2.ts'
import type { Argon2Input } from './argon2.ts'
import { wipe } from './bytes.ts'
import { estimatePbkdf2Ms, pbkdf2HmacSha256 } from './pbkdf2.ts'
import type { Pbkdf2Input } from './pbkdf2.ts'

/** A slow derivation that a file of another program asks for. */
export type Stretch =
  | ({ readonly name: 'pbkdf2' } & Pbkdf2Input)
  | ({ readonly name: 'argon2' } & Argon2Input)
  | ({ readonly name: 'aes-kdf' } & AesKdfInput)

/** What makes it slow. */
export type StretchCost =
  | Pick<Extract<Stretch, { name: 'pbkdf2' }>, 'name' | 'iterations'>
  | Pick<Extract<Stretch, { name: 'argon2' }>, 'name' | 'iterations' | 'memoryKiB'>
  | Pick<Extract<Stretch, { name: 'aes-kdf' }>, 'name' | 'rounds'>

/** 32 bytes; the caller wipes them and what it gave. Bounds are policy, checked before. */
export function stretch(input: Stretch): Promise<Uint8Array> {
  switch (input.name) {
    case 'pbkdf2':
      return pbkdf2HmacSha256(input)
    case 'argon2':
      return argon2(input)
    case 'aes-kdf':
      return new Promise((resolve) => {
        resolve(aesKdf(input))
      })
  }
}

const PROBE_KIB = 4096
const PROBE_ROUNDS = 200_000

/** Milliseconds that it will take here and now, from a probe of a few. `monotonic` is the clock port's. */
export async function estimateStretchMs(cost: StretchCost, monotonic: () => number): Promise<number> {
  if (cost.name === 'pbkdf2') return estimatePbkdf2Ms(cost.iterations, monotonic)
  const zeros = new Uint8Array(32)
  const probe = async (input: Stretch): Promise<number> => {
    const started = monotonic()
    wipe(await stretch(input))
    return monotonic() - started
  }
  if (cost.name === 'aes-kdf') {
    const took = await probe({ name: 'aes-kdf', key: zeros, seed: zeros, rounds: PROBE_ROUNDS })
    return (took / PROBE_ROUNDS) * cost.rounds
  }
  const argon: Stretch = {
    name: 'argon2',
    variant: 'id',
    password: zeros,
    salt: zeros,
    iterations: 1,
    memoryKiB: PROBE_KIB,
    parallelism: 1,
  }
  // The first compiles the WebAssembly.
  await probe(argon)
  return ((await probe(argon)) / PROBE_KIB) * cost.memoryKiB * cost.iterations
}
