import * as z from 'zod'
import { AppError } from '../../model/app-error.ts'
import type { KdfChoice } from '../../model/vault.ts'
import { fromBase64Url, toBase64Url } from '../crypto/bytes.ts'
import type { KdfInput, KdfName } from '../crypto/kdf.ts'
import type { Random } from '../ports/random.ts'
import { damaged } from './vault-errors.ts'
import { KDF_BOUNDS, MAX_SCRYPT_BYTES, MAX_SLOT_SALT_BYTES, MIN_SLOT_SALT_BYTES } from './vault-limits.ts'
import { DEFAULT_ITERATIONS, SLOT_SALT_BYTES } from './vault-limits.ts'

/** A derivation without the password. */
export type Kdf = WithoutPassword<KdfInput>
type WithoutPassword<T> = T extends KdfInput ? Omit<T, 'password'> : never

/** How a slot stretches what a person gives. */
export type SlotKdf = {
  readonly kdf: Kdf
  /** A person asked for exactly these numbers, so unlocking does not raise them. */
  readonly chosen: boolean
}

const salt = z.string().max(128)
const chosen = z.literal(true).optional()
const within = ({ min, max }: { readonly min: number; readonly max: number }): z.ZodInt =>
  z.int().min(min).max(max)
const { read, write } = KDF_BOUNDS

/** One reader per name; its bounds hold before anything is derived. */
const schemas = {
  'pbkdf2-hmac-sha256': z.looseObject({ salt, chosen, iterations: within(read.pbkdf2) }),
  scrypt: z
    .looseObject({ salt, chosen, logN: within(read.logN), r: within(read.r), p: within(read.p) })
    .refine(({ logN, r }) => 128 * 2 ** logN * r <= MAX_SCRYPT_BYTES),
  argon2id: z
    .looseObject({
      salt,
      chosen,
      memoryKiB: within(read.memoryKiB),
      iterations: within(read.passes),
      parallelism: within(read.lanes),
    })
    .refine(({ memoryKiB, parallelism }) => memoryKiB >= 8 * parallelism),
  bcrypt: z.looseObject({ salt, chosen, cost: within(read.cost) }),
} as const

/**
 * The derivation that a slot's `kdf` names; null for a name of newer programs. Throws AppError('vault-damaged') for numbers out
 * of bounds: below them a thief could have weakened the file, above them opening it would be a denial of service.
 */
export function readKdf(stored: Readonly<Record<string, unknown>>): SlotKdf | null {
  switch (stored['name']) {
    case 'pbkdf2-hmac-sha256': {
      const { iterations, ...rest } = parse(schemas['pbkdf2-hmac-sha256'], stored)
      return of({ name: 'pbkdf2-hmac-sha256', salt: saltOf(rest.salt), iterations, length: 32 }, rest.chosen)
    }
    case 'scrypt': {
      const { logN, r, p, ...rest } = parse(schemas.scrypt, stored)
      return of({ name: 'scrypt', salt: saltOf(rest.salt), logN, r, p }, rest.chosen)
    }
    case 'argon2id': {
      const { memoryKiB, iterations, parallelism, ...rest } = parse(schemas.argon2id, stored)
      const numbers = { memoryKiB, iterations, parallelism }
      return of({ name: 'argon2id', salt: saltOf(rest.salt), ...numbers }, rest.chosen)
    }
    case 'bcrypt': {
      const { cost, ...rest } = parse(schemas.bcrypt, stored)
      return of({ name: 'bcrypt', salt: saltOf(rest.salt, SLOT_SALT_BYTES), cost }, rest.chosen)
    }
    default:
      return null
  }
}

/** `kdf` as a slot stores it. */
export function storedKdf({ kdf, chosen: isChosen }: SlotKdf): {
  readonly name: KdfName
  readonly [field: string]: unknown
} {
  const { salt: bytes, ...numbers } = kdf
  const stored: Record<string, unknown> & { name: KdfName } = { ...numbers, salt: toBase64Url(bytes) }
  // Always 32 bytes, and so never stored.
  delete stored['length']
  return isChosen ? { ...stored, chosen: true } : stored
}

/** Name and numbers for a log or a list: `argon2id memoryKiB=65536 iterations=3 parallelism=4`. */
export function kdfLine(kdf: Kdf): string {
  return [kdf.name, ...Object.entries(kdfNumbers(kdf)).map(([name, value]) => `${name}=${value}`)].join(' ')
}

/** The numbers that make it slow, by name. */
export function kdfNumbers(kdf: Kdf): Record<string, number> {
  const numbers = Object.entries(kdf).filter(([name]) => name !== 'length')
  return Object.fromEntries(
    numbers.flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : [])),
  )
}

/**
 * Fresh parameters under a fresh salt: salts are never used twice and parameters never taken from a file unchecked. Numbers
 * that are not given take our defaults; `iterations` are those of PBKDF2 when none were chosen. Throws AppError('usage') for
 * numbers below what we write or above what we read.
 */
export function freshKdf(choice: KdfChoice, random: Random, iterations = DEFAULT_ITERATIONS): SlotKdf {
  const fresh = random.bytes(SLOT_SALT_BYTES)
  const { name, ...numbers } = choice
  const isChosen = Object.values(numbers).some((number) => number !== undefined)
  const kdf = ((): Kdf => {
    switch (choice.name) {
      case 'pbkdf2-hmac-sha256':
        return { name: choice.name, salt: fresh, iterations: choice.iterations ?? iterations, length: 32 }
      case 'scrypt':
        return { name: choice.name, salt: fresh, logN: choice.logN ?? write.logN.min, r: 8, p: 1 }
      case 'argon2id':
        return {
          name: choice.name,
          salt: fresh,
          memoryKiB: choice.memoryKiB ?? 65_536,
          iterations: choice.iterations ?? 3,
          parallelism: choice.parallelism ?? 4,
        }
      case 'bcrypt':
        return { name: choice.name, salt: fresh, cost: choice.cost ?? write.cost.min }
    }
  })()
  const weak = weakness(kdf)
  if (weak !== null) throw new AppError('usage', `${name}: numbers out of range`, { details: weak })
  return of(kdf, isChosen)
}

/** The same kind and numbers under a fresh salt, never below what we write. For a slot that is wrapped anew. */
export function renewedKdf({ kdf, chosen: isChosen }: SlotKdf, random: Random): SlotKdf {
  const fresh = { ...kdf, salt: random.bytes(SLOT_SALT_BYTES) }
  return weakness(fresh) === null ? of(fresh, isChosen) : freshKdf({ name: kdf.name }, random)
}

/** Which number is out of the bounds of what we write; null when none is. */
export function weakness(kdf: Kdf): { readonly min: number; readonly max: number } | null {
  const check = (value: number, bounds: { min: number; max: number }): typeof bounds | null =>
    Number.isInteger(value) && value >= bounds.min && value <= bounds.max ? null : bounds
  switch (kdf.name) {
    case 'pbkdf2-hmac-sha256':
      return check(kdf.iterations, write.pbkdf2)
    case 'scrypt':
      return check(kdf.logN, write.logN)
    case 'argon2id':
      return (
        check(kdf.memoryKiB, write.memoryKiB) ??
        check(kdf.iterations, write.passes) ??
        check(kdf.parallelism, write.lanes)
      )
    case 'bcrypt':
      return check(kdf.cost, write.cost)
  }
}

function of(kdf: Kdf, isChosen: boolean | undefined): SlotKdf {
  return { kdf, chosen: isChosen === true }
}

function parse<T>(schema: z.ZodType<T>, stored: unknown): T {
  const parsed = schema.safeParse(stored)
  if (!parsed.success) throw damaged('key derivation out of bounds', parsed.error)
  return parsed.data
}

function saltOf(text: string, exactly: number | null = null): Uint8Array {
  let bytes: Uint8Array
  try {
    bytes = fromBase64Url(text)
  } catch (cause) {
    throw damaged('slot salt', cause)
  }
  const { byteLength } = bytes
  const fits = byteLength >= MIN_SLOT_SALT_BYTES && byteLength <= MAX_SLOT_SALT_BYTES
  if (!fits || (exactly !== null && byteLength !== exactly)) throw damaged('slot salt length')
  return bytes
}
