import * as z from 'zod'
import { IsoTime, Uuid } from './ids.ts'

/** `missing` = device.json knows a vault but vault.json is gone; `newer` = written by a newer program. */
export const VaultState = z.enum([
  'no-vault',
  'missing',
  'damaged',
  'newer',
  'locked',
  'unlocking',
  'unlocked',
])
export type VaultState = z.infer<typeof VaultState>

/** Every key derivation we write. */
export const KdfName = z.enum(['pbkdf2-hmac-sha256', 'scrypt', 'argon2id', 'bcrypt'])
export type KdfName = z.infer<typeof KdfName>

const count = z.int().min(0)
const number = z.int().min(1).max(10_000_000).optional()

/** A key derivation somebody asks for. Numbers left out take our defaults; what is too weak or too much is refused. */
export const KdfChoice = z.discriminatedUnion('name', [
  z.object({ name: z.literal('pbkdf2-hmac-sha256'), iterations: number }),
  z.object({ name: z.literal('scrypt'), logN: number }),
  z.object({ name: z.literal('argon2id'), memoryKiB: number, iterations: number, parallelism: number }),
  z.object({ name: z.literal('bcrypt'), cost: number }),
])
export type KdfChoice = z.infer<typeof KdfChoice>

/** What can be said of the vault without a password. */
export const VaultStatus = z.object({
  home: z.string(),
  state: VaultState,
  /** Vault id, null when there is none or it cannot be read. */
  vault: Uuid.nullable(),
  /** `fernsync/1`, null when unknown. */
  format: z.string().nullable(),
  slots: z.array(
    z.object({
      id: z.string(),
      /** `password`, `recovery`, `password+keyfile`, or one of a newer program. */
      type: z.string(),
      kdf: z.string(),
      iterations: count.nullable(),
      /** All numbers that make the derivation slow, by name; empty for one of a newer program. */
      numbers: z
        .object({
          iterations: count.optional(),
          memoryKiB: count.optional(),
          parallelism: count.optional(),
          logN: count.optional(),
          r: count.optional(),
          p: count.optional(),
          cost: count.optional(),
        })
        .default({}),
    }),
  ),
  records: count,
  /** Older copies, newest first; `ok` = well formed (its MAC is checked only at restore and unlock). */
  generations: z.array(z.object({ n: count, changed: IsoTime, ok: z.boolean() })),
  /**
   * Keychain caching on this machine. `locked` and `unavailable`: it is on, and the keychain of the system would not or could not
   * answer when it was asked last; nothing is deleted for that.
   */
  keychain: z.enum(['off', 'on', 'locked', 'unavailable']),
  throttledForMs: count,
})
export type VaultStatus = z.infer<typeof VaultStatus>

/** Security settings, inside the vault so that no looser local override exists. */
export const VaultSettings = z.object({
  /** Lock after this long without input, in milliseconds; null = never. */
  lockAfterIdleMs: z.int().min(60_000).max(86_400_000).nullable().default(300_000),
  /** Lock this long after the unlock, whatever goes on, in milliseconds; null = never. */
  lockAfterSessionMs: z.int().min(3_600_000).max(86_400_000).nullable().default(43_200_000),
  /** Lock when no window has been open for this long, in milliseconds; null = never. */
  lockAfterClosedMs: z.int().min(60_000).max(86_400_000).nullable().default(300_000),
  lockOnScreenLock: z.boolean().default(true),
  lockOnSuspend: z.boolean().default(true),
  /** Clear a copied secret after this long, in milliseconds. */
  clearClipboardMs: z.int().min(5_000).max(600_000).default(20_000),
  /** Hide a revealed secret after this long, in milliseconds. */
  hideRevealedMs: z.int().min(5_000).max(600_000).default(30_000),
})
export type VaultSettings = z.infer<typeof VaultSettings>

const { shape } = VaultSettings

/** A change to the settings: absent = unchanged. Not `partial()`, whose fields would take their defaults and reset the rest. */
export const VaultSettingsPatch = z.object({
  lockAfterIdleMs: shape.lockAfterIdleMs.unwrap().optional(),
  lockAfterSessionMs: shape.lockAfterSessionMs.unwrap().optional(),
  lockAfterClosedMs: shape.lockAfterClosedMs.unwrap().optional(),
  lockOnScreenLock: shape.lockOnScreenLock.unwrap().optional(),
  lockOnSuspend: shape.lockOnSuspend.unwrap().optional(),
  clearClipboardMs: shape.clearClipboardMs.unwrap().optional(),
  hideRevealedMs: shape.hideRevealedMs.unwrap().optional(),
})
