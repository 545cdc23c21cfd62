import { concatBytes, wipe } from '../crypto/bytes.ts'
import type { LocalFile } from './local-file.ts'
import { deriveManifestKey } from './manifest.ts'
import type { OpenRecord, OpenRecords } from './open-records.ts'
import type { RecordIndex } from './record-index.ts'
import type { VaultFile } from './vault-file.ts'
import { locked } from './vault-errors.ts'

/** The key of a slot as derived from the password, kept for the keychain feature until the lock. */
export type SlotKey = { readonly slot: string; readonly saltHash: string; readonly kek: Uint8Array }

/**
 * Everything that exists only while unlocked. Owner of the vault key, the manifest keys and the slot's key: `close` wipes them
 * all. The key accessors throw AppError('locked') afterwards, so a computation overtaken by a lock can never go on with a
 * zeroed key; use what they return in the same turn and do not keep it.
 */
export type Session = {
  readonly vault: string
  /** Generation of the vault key; a file of another one ends the session. */
  readonly vkGen: number
  /** This device. */
  readonly dev: string
  vaultKey(): Uint8Array
  manifestKey(): Uint8Array
  localManifestKey(): Uint8Array
  slotKey(): SlotKey
  /** Takes over `key`; the one before is wiped. */
  replaceSlotKey(key: SlotKey): void
  isOpen(): boolean
  close(): void
  /** Decrypted lists and the files they came from; replaced whole, dropped by `close`. */
  readonly cache: SessionCache
}

export type SessionCache = {
  file: VaultFile | null
  local: LocalFile | null
  /** By digest of the record, so that an edit decrypts one record and not all. */
  records: ReadonlyMap<string, OpenRecord>
  /** The lists made of them, and the records they are all of. */
  lists: { readonly of: VaultFile['records']; readonly open: OpenRecords } | null
  /** A recovery key that is shown and not typed back yet; `ask` = the two groups to type. Wiped by `close`. */
  recovery: { readonly key: Uint8Array; readonly ask: readonly [number, number] } | null
  /** What device.json said when the unlock began: attempts that failed, and whether a copy had been put back. */
  before: { readonly failures: number; readonly isRestored: boolean }
  /** What an earlier session on this device has decrypted; dropped after the first look at the records. */
  index: RecordIndex
}

type SessionInput = {
  readonly vault: string
  readonly vkGen: number
  /** This device, for the key of local.json's manifest. */
  readonly dev: string
  /** 32 bytes; copied, the caller wipes its own. */
  readonly vaultKey: Uint8Array
  readonly slotKey: SlotKey
}

/** Copies every key it is given. */
export function createSession(input: SessionInput): Session {
  const vaultKey = concatBytes(input.vaultKey)
  const manifestKey = deriveManifestKey(vaultKey, { kind: 'vault' })
  const localManifestKey = deriveManifestKey(vaultKey, { kind: 'local', dev: input.dev })
  let slotKey = copied(input.slotKey)
  let open = true
  const cache: SessionCache = {
    file: null,
    local: null,
    records: new Map(),
    lists: null,
    recovery: null,
    before: { failures: 0, isRestored: false },
    index: new Map(),
  }
  const whileOpen = <T>(value: () => T): (() => T) => {
    return () => {
      if (!open) throw locked()
      return value()
    }
  }
  return {
    vault: input.vault,
    vkGen: input.vkGen,
    dev: input.dev,
    vaultKey: whileOpen(() => vaultKey),
    manifestKey: whileOpen(() => manifestKey),
    localManifestKey: whileOpen(() => localManifestKey),
    slotKey: whileOpen(() => slotKey),
    replaceSlotKey(key) {
      if (!open) throw locked()
      wipe(slotKey.kek)
      slotKey = copied(key)
    },
    isOpen: () => open,
    close() {
      open = false
      wipe(vaultKey, manifestKey, localManifestKey, slotKey.kek)
      cache.file = null
      cache.local = null
      cache.records = new Map()
      if (cache.recovery !== null) wipe(cache.recovery.key)
      cache.recovery = null
      cache.lists = null
      cache.index = new Map()
    },
    cache,
  }
}

function copied(key: SlotKey): SlotKey {
  return { ...key, kek: concatBytes(key.kek) }
}
