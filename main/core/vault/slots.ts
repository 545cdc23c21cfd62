import * as z from 'zod'
import { AppError } from '../../model/app-error.ts'
import { toHex, utf8 } from '../crypto/bytes.ts'
import { CryptoError } from '../crypto/crypto-error.ts'
import { fernetDecrypt, fernetEncrypt } from '../crypto/fernet.ts'
import { sha256, sha256Hex } from '../crypto/sha256.ts'
import type { Random } from '../ports/random.ts'
import { canonicalJson } from './canonical-json.ts'
import { readKdf, storedKdf } from './kdfs.ts'
import type { SlotKdf } from './kdfs.ts'
import { damaged, newer } from './vault-errors.ts'
import { KEY_BYTES } from './vault-limits.ts'

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

/** What opens a slot: a password, a recovery key, or a password together with a key file. */
export type SlotType = 'password' | 'recovery' | 'password+keyfile'

/** Id of each type's slot; a vault has at most one of a type that we write. */
export const SLOT_IDS: Readonly<Record<SlotType, string>> = {
  password: 'pw1',
  recovery: 'rk1',
  'password+keyfile': 'pk1',
}

/** A slot this program can open. */
export type OpenableSlot = SlotKdf & { readonly slot: Slot; readonly type: SlotType }

/**
 * Checks every slot before any derivation: accidental damage by its `sum`, hostile parameters by our bounds. Throws
 * AppError('vault-damaged').
 */
export function checkSlots(slots: readonly Slot[]): void {
  if (new Set(slots.map((slot) => slot.id)).size !== slots.length) throw damaged('two slots of one id')
  for (const slot of slots) {
    if (slotSum(slot) !== slot.sum) throw damaged('slot checksum')
    readKdf(slot.kdf)
  }
}

/** All slots this program knows a way through. */
export function openableSlots(slots: readonly Slot[]): readonly OpenableSlot[] {
  return slots.flatMap((slot) => {
    const kdf = readKdf(slot.kdf)
    return kdf !== null && isSlotType(slot.type) ? [{ ...kdf, slot, type: slot.type }] : []
  })
}

/** The slot of a type, null when there is none. Throws AppError('vault-newer') when only newer programs know a way in. */
export function slotOfType(slots: readonly Slot[], type: SlotType): OpenableSlot | null {
  const openable = openableSlots(slots)
  if (openable.length === 0) throw newer('no slot of a known type')
  return openable.find((slot) => slot.type === type) ?? null
}

type WrapOptions = { readonly random: Random; readonly type?: SlotType; readonly replaces?: Slot }

/**
 * A slot that wraps `vaultKey` under `kek`, the one message this key ever encrypts. Fields of newer programs on the slot it
 * replaces are kept.
 */
export function wrapSlot(kek: Uint8Array, vaultKey: Uint8Array, kdf: SlotKdf, options: WrapOptions): Slot {
  const { random, type = 'password', replaces } = options
  const slot = {
    ...replaces,
    id: SLOT_IDS[type],
    type,
    norm: 'nfc',
    kdf: storedKdf(kdf),
    wrapped: fernetEncrypt(kek, vaultKey, { iv: random.bytes(IV_BYTES), timestamp: 0 }),
  }
  return { ...slot, sum: slotSum(slot) }
}

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
export function saltHash({ kdf }: Pick<SlotKdf, 'kdf'>): string {
  return sha256Hex(kdf.salt)
}

/** Throws AppError('slot-missing'): what was given opens no slot of this vault. */
export function slotMissing(type: SlotType): AppError {
  return new AppError('slot-missing', 'no slot of this type', { details: { type } })
}

/** First 8 bytes of SHA-256 of the slot without its sum, hex. Against accidents only: it is no secret. */
function slotSum(slot: Readonly<Record<string, unknown>>): string {
  const rest = { ...slot }
  delete rest['sum']
  return toHex(sha256(utf8(canonicalJson(rest))).subarray(0, SUM_BYTES))
}

function isSlotType(type: string): type is SlotType {
  return Object.hasOwn(SLOT_IDS, type)
}
