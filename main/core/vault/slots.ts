import * as z from 'zod'
import { fromBase64Url, toBase64Url, toHex, utf8 } from '../crypto/bytes.ts'
import { CryptoError } from '../crypto/crypto-error.ts'
import { fernetDecrypt, fernetEncrypt } from '../crypto/fernet.ts'
import { sha256, sha256Hex } from '../crypto/sha256.ts'
import type { Random } from '../ports/random.ts'
import { canonicalJson } from './canonical-json.ts'
import { damaged, newer } from './vault-errors.ts'
import {
  KEY_BYTES,
  MAX_READ_ITERATIONS,
  MAX_SLOT_SALT_BYTES,
  MIN_READ_ITERATIONS,
  MIN_SLOT_SALT_BYTES,
  SLOT_SALT_BYTES,
} from './vault-limits.ts'

export const PASSWORD_SLOT_ID = 'pw1'
const PBKDF2 = 'pbkdf2-hmac-sha256'
const SUM_BYTES = 8
const IV_BYTES = 16

/** One way to the vault key. Types and key derivations of newer programs are kept and skipped. */
export const Slot = z.looseObject({
  id: z.string().regex(/^[A-Za-z0-9_.:-]{1,64}$/),
  type: z.string().min(1).max(64),
  kdf: z.looseObject({ name: z.string().min(1).max(64) }),
  wrapped: z.string().max(4096),
  sum: z.string().regex(/^[0-9a-f]{16}$/),
})
export type Slot = z.infer<typeof Slot>

const Pbkdf2Params = z.looseObject({
  name: z.literal(PBKDF2),
  salt: z.string().max(128),
  iterations: z.int().min(MIN_READ_ITERATIONS).max(MAX_READ_ITERATIONS),
  /** A person asked for exactly this number, so unlocking does not raise it. */
  chosen: z.literal(true).optional(),
})

/** A slot this program can open. */
export type PasswordSlot = {
  readonly slot: Slot
  readonly salt: Uint8Array
  readonly iterations: number
  readonly chosen: boolean
}

export type SlotKdf = { readonly salt: Uint8Array; readonly iterations: number; readonly chosen: boolean }

/**
 * Checks every slot before any derivation: accidental damage by its `sum`, hostile parameters by our bounds. Throws
 * AppError('vault-damaged').
 */
export function checkSlots(slots: readonly Slot[]): void {
  if (new Set(slots.map((slot) => slot.id)).size !== slots.length) throw damaged('two slots of one id')
  for (const slot of slots) {
    if (slotSum(slot) !== slot.sum) throw damaged('slot checksum')
    if (slot.kdf.name === PBKDF2) readParams(slot)
  }
}

/** The slot a password opens. Throws AppError('vault-newer') when only newer programs know a way in. */
export function passwordSlot(slots: readonly Slot[]): PasswordSlot {
  const slot = slots.find((candidate) => candidate.type === 'password' && candidate.kdf.name === PBKDF2)
  if (slot === undefined) throw newer('no slot of a known type')
  return { slot, ...readParams(slot) }
}

/** Fresh derivation parameters; salts are never used twice and parameters never taken from a file unchecked. */
export function freshKdf(iterations: number, chosen: boolean, random: Random): SlotKdf {
  return { salt: random.bytes(SLOT_SALT_BYTES), iterations, chosen }
}

/**
 * A slot that wraps `vaultKey` under `kek`, the one message this key ever encrypts. Fields of newer programs on the slot it
 * replaces are kept.
 */
export function wrapSlot(kek: Uint8Array, vaultKey: Uint8Array, kdf: SlotKdf, options: WrapOptions): Slot {
  const slot = {
    ...options.replaces,
    id: PASSWORD_SLOT_ID,
    type: 'password',
    norm: 'nfc',
    kdf: {
      name: PBKDF2,
      salt: toBase64Url(kdf.salt),
      iterations: kdf.iterations,
      ...(kdf.chosen ? { chosen: true } : {}),
    },
    wrapped: fernetEncrypt(kek, vaultKey, { iv: options.random.bytes(IV_BYTES), timestamp: 0 }),
  }
  return { ...slot, sum: slotSum(slot) }
}
type WrapOptions = { readonly random: Random; readonly replaces?: Slot }

/** The vault key (32 bytes, the caller wipes it), or null when `kek` is not the key of this slot. */
export function unwrapSlot(kek: Uint8Array, slot: Slot): Uint8Array | null {
  try {
    const vaultKey = fernetDecrypt(kek, slot.wrapped)
    if (vaultKey.byteLength === KEY_BYTES) return vaultKey
    vaultKey.fill(0)
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
  }
  return null
}

/** Hex SHA-256 of all slots: what device.json remembers to tell edited slots from a wrong password. */
export function slotsHash(slots: readonly Slot[]): string {
  return sha256Hex(utf8(canonicalJson(slots)))
}

/** Hex SHA-256 of a slot's salt, which a cached key is tied to. */
export function saltHash({ salt }: Pick<PasswordSlot, 'salt'>): string {
  return sha256Hex(salt)
}

/** First 8 bytes of SHA-256 of the slot without its sum, hex. Against accidents only: it is no secret. */
function slotSum(slot: Readonly<Record<string, unknown>>): string {
  const rest = { ...slot }
  delete rest['sum']
  return toHex(sha256(utf8(canonicalJson(rest))).subarray(0, SUM_BYTES))
}

function readParams(slot: Slot): Omit<PasswordSlot, 'slot'> {
  const params = Pbkdf2Params.safeParse(slot.kdf)
  if (!params.success) throw damaged('key derivation out of bounds', params.error)
  const { iterations, chosen } = params.data
  let salt: Uint8Array
  try {
    salt = fromBase64Url(params.data.salt)
  } catch (cause) {
    throw damaged('slot salt', cause)
  }
  if (salt.byteLength < MIN_SLOT_SALT_BYTES || salt.byteLength > MAX_SLOT_SALT_BYTES) {
    throw damaged('slot salt length')
  }
  return { salt, iterations, chosen: chosen === true }
}
