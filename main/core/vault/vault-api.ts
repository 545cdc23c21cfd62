import type { AuditNote, AuditPage, AuditQuery } from '../../model/audit.ts'
import type { Credential, CredentialDraft, CredentialPatch, SecretValues } from '../../model/credential.ts'
import type { JobDefinition, JobDraft, JobPatch } from '../../model/job.ts'
import type { RevisionInfo } from '../../model/revision.ts'
import type { CheckProgress, VaultCheck } from '../../model/vault-check.ts'
import type { KdfChoice, VaultSettings, VaultStatus } from '../../model/vault.ts'
import type { SealedGrant } from '../../model/grant.ts'

/** What a mutation answers; the same shape the CLI prints. */
export type Changed = { readonly id: string; readonly name: string; readonly rev: number }

/** A credential to be stored with its secrets, which the vault wipes. */
export type DraftWithSecrets = { readonly draft: CredentialDraft; readonly secrets: SecretValues }

/**
 * What a person gives to prove that the vault is theirs, all of it wiped by the callee: the password's UTF-8 bytes, with the
 * content of a key file where the vault asks for one, or a recovery key as typed.
 */
export type SlotProof =
  { readonly password: Uint8Array; readonly keyFile?: Uint8Array } | { readonly recoveryKey: Uint8Array }
/** How to unlock: with a proof or with the derived key kept in the keychain. */
export type UnlockInput = SlotProof | { readonly cachedKey: Uint8Array }
/** A recovery key to write down: shown once, nothing of it is stored before two of its groups were typed back. */
export type PreparedRecoveryKey = {
  /** Nine groups of four characters with hyphens between, ASCII; the caller wipes it. */
  readonly key: Uint8Array
  /** Numbers of the groups to type, counted from 1. */
  readonly ask: readonly [number, number]
}

export type RotateOptions = {
  /** One for each slot that is to open the vault afterwards; wiped by the callee. */
  readonly proofs: readonly SlotProof[]
  /** Ids of slots that are given up. Any slot neither proven nor named here stops the rotation (`slots-left`). */
  readonly dropSlots: readonly string[]
  /** Called a few times a second; after `total` it cannot be cancelled any more. */
  readonly onProgress?: (progress: RotateProgress) => void
}
export type RotateProgress = { readonly done: number; readonly total: number }

export type InitOptions = {
  /** Of PBKDF2, when no other derivation is asked for; calibrated unless given. */
  readonly iterations?: number
  readonly kdf?: KdfChoice
}

export type UnlockOptions = {
  /** Go on although the derivation is estimated over 5 s; else AppError('slow-kdf') with `details.seconds`. */
  readonly allowSlowKdf?: boolean
}

export type VerifyOptions = {
  /** Wiped by the callee; null while unlocked. */
  readonly proof: SlotProof | null
  readonly repair: boolean
  /** As for an unlock. */
  readonly allowSlowKdf: boolean
  /** Called a few times a second. */
  readonly onProgress?: (progress: CheckProgress) => void
}

/** `export` is written down once by whoever exports (`noteAudit`), not for each secret. */
export type SecretUse = 'screen' | 'clipboard' | 'export'

/** What only an unlock may tell the keychain feature. */
export type CacheableKey = {
  readonly vault: string
  readonly slot: string
  readonly saltHash: string
  /** The derived key (KEK), 32 bytes; the caller wipes it. */
  readonly kek: Uint8Array
}

/**
 * The vault, used through an asynchronous interface of structured-clone values, so that it can live in its own process
 * (desktop, agent) or in this one (one-shot commands). Every method but `status`, `deviceId`, `init`, `unlock`, `lock`, `restore` and
 * `setAside` throws AppError('locked') while locked; any may throw `busy` and `vault-*` for what the disk holds now. Byte arrays given to it are wiped by it; byte arrays it returns belong to the caller, who wipes them.
 */
export interface VaultApi {
  /** Needs no password and derives nothing. */
  status(): Promise<VaultStatus>
  /** Id of this device in its vault (`d` and 16 hex digits); null while there is none. Needs no password. */
  deviceId(): Promise<string | null>
  /** Makes a new vault and leaves it unlocked. Throws `vault-exists`, `vault-missing`, `password-too-short`, `password-invalid`. */
  init(password: Uint8Array, options: InitOptions): Promise<void>
  /** Exactly one derivation per attempt; throws `wrong-password`, `throttled` (details.retryAfterMs), `vault-*`, `slow-kdf`, `busy`. */
  unlock(input: UnlockInput, options: UnlockOptions): Promise<void>
  /** Wipes keys and drops everything decrypted. Idempotent. */
  lock(): Promise<void>
  /**
   * Verifies the proof first; purges old generations after the new one is verified on disk. A recovery key proves as well as the
   * current password. `kdf` asks for another derivation.
   */
  changePassword(proof: SlotProof, next: Uint8Array, kdf?: KdfChoice): Promise<void>
  /** Makes a recovery key to be shown, kept in memory until `addRecoveryKey` or the lock. */
  prepareRecoveryKey(): Promise<PreparedRecoveryKey>
  /** Stores the prepared key. `typed` are the groups it asked for. Throws `recovery-key-mistyped`, and as an unlock does. */
  addRecoveryKey(proof: SlotProof, typed: readonly [Uint8Array, Uint8Array]): Promise<void>
  /** The content of a new key file, 74 bytes at most; the caller wipes it. Nothing is stored. */
  newKeyFile(): Promise<Uint8Array>
  /** From now on the password needs this key file (its content), or none (null). Throws as an unlock does, `key-file-invalid`. */
  setKeyFile(proof: SlotProof, keyFile: Uint8Array | null): Promise<void>
  /** Throws `last-slot` when no password would be left, `unknown-name`, and as an unlock does. */
  removeSlot(id: string, proof: SlotProof): Promise<void>
  /**
   * Replaces the vault key and seals every record anew, in one write. Throws `slots-left` (details.slots), `cancelled`, and as an
   * unlock does. Every other process that has the vault open is locked by it.
   */
  rotateKey(options: RotateOptions): Promise<void>
  /** Stops a rotation that is not written yet; without one it does nothing. */
  cancelRotation(): Promise<void>
  /** Puts generation `n` (1 = newest) back as the vault; the file it replaces is kept as a generation. Always locked afterwards. */
  restore(generation: number): Promise<void>
  /**
   * Moves the present vault files into a folder below the home, so that `init` can start over. Never deletes. Answers the
   * folder. Always locked afterwards.
   */
  setAside(): Promise<string>
  /** The password once more, counted and throttled like an unlock; see confirm-password.ts. Throws `wrong-password`, `throttled`, `busy`. */
  confirmPassword(proof: SlotProof): Promise<void>
  /** vault.json as it is on the disk, verified. */
  exportFile(): Promise<Uint8Array>
  /**
   * Checks every token, MAC and copy, also of a vault that does not open any more. Unlocked, `password` is null; locked, it is tried
   * as an unlock would, and the vault stays locked. Damage is an answer; `repair` restores what it can in one write.
   */
  verify(options: VerifyOptions): Promise<VaultCheck>
  /** For keychain caching, right after an unlock by password. */
  exportCacheableKey(): Promise<CacheableKey>

  settings(): Promise<VaultSettings>
  changeSettings(patch: Partial<VaultSettings>): Promise<VaultSettings>

  listCredentials(): Promise<readonly Credential[]>
  addCredential(draft: CredentialDraft, secrets: SecretValues): Promise<Changed>
  /** All of them in one write, or none. Throws what `addCredential` throws, `name-taken` for two of one name as well. */
  addCredentials(drafts: readonly DraftWithSecrets[]): Promise<readonly Changed[]>
  /** Changing host, port or trust drops secrets and pin unless given again here. Unblocks the credential. */
  editCredential(id: string, patch: CredentialPatch, secrets: SecretValues): Promise<Changed>
  /** Throws `in-use` with the jobs' names while a job uses it. */
  removeCredential(id: string): Promise<Changed>
  /**
   * One secret field as UTF-8 bytes; the caller wipes them. Throws `unknown-name` when the field has no value. Written down before it
   * leaves; `use` (to see it unless given) says what for.
   */
  revealSecret(id: string, field: string, use?: SecretUse): Promise<Uint8Array>
  /** What a credential is and was, newest first; names what changed, never a value. */
  listRevisions(id: string): Promise<readonly RevisionInfo[]>
  /** One secret field of an old revision; written down as `revealSecret` is. */
  revealRevision(id: string, rev: number, field: string, use?: SecretUse): Promise<Uint8Array>
  /** Makes an old revision the present one, as a new revision. Throws `unknown-name`, `name-taken`, `bad-request` for the present one. */
  restoreRevision(id: string, rev: number): Promise<Changed>
  /**
   * Erases the history of one credential, or of all with null, and replaces every older copy of the files. Answers how many
   * credentials had a history.
   */
  purgeRevisions(id: string | null): Promise<number>

  /** Writes down what only the caller knows. Never fails for a record that cannot be written. */
  noteAudit(note: AuditNote): Promise<void>
  /** What was done with credentials on this device, newest first, and whether the record is whole. */
  auditEntries(query: AuditQuery): Promise<AuditPage>

  /** `local` is '' for a job whose folder this device does not know, such as one of another device. */
  /** Counter of the vault file's writes as last read: grows with every change by any process. */
  epoch(): Promise<number>
  listJobs(): Promise<readonly JobDefinition[]>
  /** `device` is this device. Throws `name-taken`, `unknown-name` (credential). */
  addJob(draft: JobDraft): Promise<Changed>
  editJob(id: string, patch: JobPatch): Promise<Changed>
  removeJob(id: string): Promise<Changed>
  /** Label of each device record, by device id. */
  deviceLabels(): Promise<Readonly<Record<string, string>>>

  /** Seals the definition and the one credential of a job for the agent key (32 bytes, wiped by the callee). */
  grantJob(jobId: string, options: GrantOptions): Promise<SealedGrant>
  /** Seals one credential without a job, for a test, a host-key fetch or a folder listing. */
  grantCredential(credentialId: string, options: GrantOptions): Promise<SealedGrant>
  /** The same for a draft that is not stored yet (first sign-in). `basedOn` takes missing secrets from a stored credential. */
  grantDraft(
    draft: CredentialDraft,
    secrets: SecretValues,
    options: GrantOptions & { basedOn?: string },
  ): Promise<SealedGrant>
}

export type GrantOptions = {
  readonly agentKey: Uint8Array
  /** Milliseconds since 1970; at most 90 days after now. */
  readonly notAfter: number
}
