import * as z from 'zod'
import { AuditPage, AuditQuery } from '../model/audit.ts'
import { Bytes } from '../model/bytes.ts'
import {
  CredentialDraft,
  CredentialPatch,
  CredentialType,
  SecretNames,
  SecretValues,
} from '../model/credential.ts'
import { KeyComment, PasswordRules } from '../model/generator.ts'
import { Uuid } from '../model/ids.ts'
import { ImportEntry, ImportFormat } from '../model/import.ts'
import { JobDraft, JobPatch, JobView } from '../model/job.ts'
import { ListedCredential } from '../model/listed-credential.ts'
import { RevisionInfo } from '../model/revision.ts'
import { Preview, RunProgress, RunSummary, SkipRecord } from '../model/run.ts'
import { ScheduleText, ZoneName } from '../model/schedule.ts'
import { VaultCheck } from '../model/vault-check.ts'
import { KdfName, VaultSettings, VaultSettingsPatch, VaultStatus } from '../model/vault.ts'
import { RemoteListing, TestStep } from '../model/worker-messages.ts'

/** UTF-8 bytes of a password as it crosses; main hands them on and wipes its copy. */
const Password = Bytes(1, 4096)
/** Token of a path that a person chose in main's dialog, used up by what stores it; paths themselves never cross inwards. */
const PathToken = z.string().regex(/^[0-9a-f]{32}$/)
/** What opens the vault: the password, with a key file where it asks for one, or a recovery key as typed. */
const PasswordProof = z.object({ password: Password, keyFile: PathToken.nullable().default(null) })
const RecoveryProof = z.object({ recoveryKey: Bytes(1, 256) })
const Proof = z.union([PasswordProof, RecoveryProof])
const slowKdf = { allowSlowKdf: z.boolean() }
const SlotId = z.string().max(64)
/** One of nine groups as typed back. */
const Group = Bytes(1, 32)
const None = z.void()
const Done = z.object({ id: Uuid, name: z.string(), rev: z.int() })
const ById = z.object({ id: Uuid })

/** Secret fields by name as bytes, plus key files the person chose in the dialog, read in main. */
const SecretInput = z.object({
  secrets: SecretValues,
  secretFiles: z.record(SecretNames.element, PathToken).default({}),
  /** Secrets made by `generate.*`, kept in main under these tokens. */
  generated: z.record(SecretNames.element, PathToken).default({}),
})

const SecretField = z.object({
  id: Uuid,
  field: z.string(),
  rev: z.int().min(1).nullable().default(null),
})
const Copied = z.object({ clearsAfterMs: z.int() })

/** Paths of this computer: `local` comes as a token, and the page sets no safety folder, which is one for jobs that pull. */
const paths = { local: true, safety: true } as const

export const FieldInfo = z.object({
  name: z.string(),
  type: z.enum(['text', 'secret', 'number', 'boolean', 'file', 'choice']),
  required: z.boolean(),
  advanced: z.boolean(),
  choices: z.array(z.string()),
  defaultValue: z.string().nullable(),
  multiline: z.boolean(),
  /** Names where the secrets are for: a change drops them. */
  identifiesServer: z.boolean(),
})
export type FieldInfo = z.infer<typeof FieldInfo>

/** One kind of credential, for forms. */
export const CredentialTypeInfo = z.object({
  type: CredentialType,
  /** False when it is kept and copied from, but no job or test can use it. */
  connects: z.boolean(),
  /** True when secrets of any name may be added. */
  hasFreeSecrets: z.boolean(),
  /** True when the server proves an identity that is trusted once. */
  hasIdentity: z.boolean(),
  fields: z.array(FieldInfo),
})
export type CredentialTypeInfo = z.infer<typeof CredentialTypeInfo>

export const TestResult = z.object({
  ok: z.boolean(),
  steps: z.array(TestStep),
  hostKey: z.string().nullable(),
})
export type TestResult = z.infer<typeof TestResult>

export const Preferences = z.object({ theme: z.enum(['system', 'light', 'dark']), startAtLogin: z.boolean() })
export type Preferences = z.infer<typeof Preferences>

export const AppInfo = z.object({
  version: z.string(),
  home: z.string(),
  platform: z.string(),
  /** False when the desktop shows no tray icons; a second start opens the window all the same. */
  hasTray: z.boolean(),
  pausedUntil: z.iso.datetime().nullable(),
  paused: z.boolean(),
  running: z.array(RunProgress),
  warnings: z.array(z.string()),
})
export type AppInfo = z.infer<typeof AppInfo>

export const PickedPath = z.object({
  token: PathToken,
  /** The path, to show; it cannot be sent back. */
  shown: z.string(),
  /** First names in it (at most 8), empty for a file. */
  names: z.array(z.string()),
  /** Entries in it, at most 10,000 counted. */
  count: z.int(),
})
export type PickedPath = z.infer<typeof PickedPath>

export const KeyFilePlace = z.object({
  token: PathToken,
  /** The path, to show; it cannot be sent back. */
  shown: z.string(),
  /** It lies where a sync client copies it to other computers, perhaps together with the vault. */
  inSyncFolder: z.boolean(),
})
export type KeyFilePlace = z.infer<typeof KeyFilePlace>

/** What one line such as `ssh user@host -p 2222`, `sftp://user@host/dir` or a Host of ~/.ssh/config says. */
export const ParsedTarget = z.object({
  type: CredentialType,
  /** Suggested name. */
  name: z.string(),
  fields: z.record(z.string(), z.string()),
  /** Remote folder named in the line, null when none. */
  path: z.string().nullable(),
  /** Fingerprint known from ~/.ssh/known_hosts for this host and port; null when unknown. */
  knownHostKey: z.string().nullable(),
  /** A key file that ~/.ssh/config names for the host, as a token for `secretFiles`; null when none. */
  identityFile: PickedPath.nullable(),
})
export type ParsedTarget = z.infer<typeof ParsedTarget>

const call = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O): { input: I; output: O } => ({
  input,
  output,
})

/** Every question the page may ask. Output schemas also strip fields that the page must not see. */
export const calls = {
  'app.info': call(None, AppInfo),
  'preferences.get': call(None, Preferences),
  'preferences.set': call(Preferences.partial(), Preferences),

  'vault.status': call(None, VaultStatus),
  'vault.create': call(z.object({ password: Password }), VaultStatus),
  /** By a recovery key the unlock window stays until `vault.enter`, as after `vault.create`. */
  'vault.unlock': call(z.union([PasswordProof.extend(slowKdf), RecoveryProof.extend(slowKdf)]), VaultStatus),
  /** The unlock window has asked all it had to ask of a vault that is open. */
  'vault.enter': call(None, z.object({})),
  'vault.lock': call(z.object({ stopJobs: z.boolean() }), VaultStatus),
  /** `kdf` asks for another derivation with its usual numbers; null keeps the kind. */
  'vault.changePassword': call(
    z.object({ proof: Proof, next: Password, kdf: KdfName.nullable() }),
    VaultStatus,
  ),
  /** A recovery key to show once; nothing of it is stored before `vault.addRecoveryKey`. The page wipes it. */
  'vault.prepareRecoveryKey': call(None, z.object({ key: Bytes(44, 44), ask: z.tuple([z.int(), z.int()]) })),
  /** Copies what the page shows, concealed from clipboard histories and cleared like a password. */
  'vault.copyRecoveryKey': call(z.object({ key: Bytes(44, 44) }), z.object({ clearsAfterMs: z.int() })),
  'vault.addRecoveryKey': call(z.object({ proof: Proof, typed: z.tuple([Group, Group]) }), VaultStatus),
  'vault.removeSlot': call(z.object({ id: SlotId, proof: Proof }), VaultStatus),
  'vault.pickKeyFile': call(z.object({ title: z.string().max(200) }), KeyFilePlace.nullable()),
  /** Writes a new key file where the person says; null when they do not. The vault does not need it yet. */
  'vault.makeKeyFile': call(z.object({ title: z.string().max(200) }), KeyFilePlace.nullable()),
  /** From now on the password needs this key file, or none. */
  'vault.setKeyFile': call(z.object({ proof: Proof, keyFile: PathToken.nullable() }), VaultStatus),
  /** A new vault key: `proofs` for the ways in that stay, `dropSlots` for those that are given up. */
  'vault.rotateKey': call(
    z.object({ proofs: z.array(Proof).min(1).max(8), dropSlots: z.array(SlotId).max(8) }),
    VaultStatus,
  ),
  /** Stops a change of the key that is not written yet. */
  'vault.cancelRotation': call(None, z.object({})),
  'vault.restore': call(z.object({ generation: z.int().min(1).max(9) }), VaultStatus),
  /** What was done with credentials on this device; names, never secrets. */
  'vault.activity': call(AuditQuery, AuditPage),
  /** Checks every token and copy; `proof` is for a vault that is locked or does not open. */
  'vault.check': call(
    z.object({ proof: PasswordProof.nullable(), repair: z.boolean(), allowSlowKdf: z.boolean() }),
    VaultCheck,
  ),
  /** Sets the old vault aside under a new name and allows a fresh start. Nothing is deleted. */
  'vault.startOver': call(None, z.object({ keptAs: z.string(), status: VaultStatus })),
  /**
   * Keeps the derived key in the keychain of the system, so that this device unlocks by itself for that long. A way in like any
   * other, so it takes the master password once more.
   */
  'keychain.remember': call(z.object({ days: z.int().min(1).max(90), proof: PasswordProof }), VaultStatus),
  'keychain.forget': call(None, VaultStatus),
  /** Until when the key in the keychain opens the vault; null when there is none, or nobody knows. */
  'keychain.expiry': call(None, z.object({ until: z.iso.datetime().nullable() })),
  'settings.get': call(None, VaultSettings),
  'settings.set': call(VaultSettingsPatch, VaultSettings),

  'credentials.types': call(None, z.array(CredentialTypeInfo)),
  'credentials.list': call(None, z.array(ListedCredential)),
  'credentials.parseTarget': call(z.object({ line: z.string().max(1000) }), ParsedTarget.nullable()),
  'credentials.fetchHostKey': call(z.object({ draft: CredentialDraft }), z.object({ hostKey: z.string() })),
  'credentials.add': call(SecretInput.extend({ draft: CredentialDraft }), Done),
  'credentials.edit': call(SecretInput.extend({ id: Uuid, patch: CredentialPatch }), Done),
  'credentials.remove': call(ById, Done),
  /** Tests a stored credential. */
  'credentials.test': call(ById, TestResult),
  /** Tests a draft before it is stored; `basedOn` takes secrets that are not given again from a stored credential. */
  'credentials.testDraft': call(
    SecretInput.extend({ draft: CredentialDraft, basedOn: Uuid.nullable() }),
    TestResult,
  ),
  /** The only call that brings a secret to the page: one field of one credential, of an old revision with `rev`. */
  'credentials.reveal': call(SecretField, z.object({ value: Bytes(0, 65_536), hideAfterMs: z.int() })),
  /** Copies one secret field in main; nothing crosses. */
  'credentials.copy': call(SecretField, Copied),
  /** What a credential is and was; names what changed, never a value. */
  'credentials.revisions': call(ById, z.array(RevisionInfo)),
  'credentials.restore': call(z.object({ id: Uuid, rev: z.int().min(1) }), Done),
  /** Erases the history of one credential, with null of all, and every older copy of the vault. */
  'credentials.purgeRevisions': call(z.object({ id: Uuid.nullable() }), z.object({ purged: z.int() })),
  /** Makes a password; it stays in main under the token until a form is stored. */
  'generate.password': call(PasswordRules, z.object({ token: PathToken, bits: z.number() })),
  'generate.sshKey': call(
    z.object({ comment: KeyComment }),
    z.object({ token: PathToken, publicLine: z.string(), fingerprint: z.string() }),
  ),
  /** Copies a made secret in main; nothing crosses. */
  'generate.copy': call(z.object({ token: PathToken }), Copied),

  'remote.list': call(z.object({ credentialId: Uuid, path: z.string().max(4096) }), RemoteListing),
  'remote.makeFolder': call(z.object({ credentialId: Uuid, path: z.string().max(4096) }), z.object({})),
  'dialogs.pickFolder': call(z.object({ title: z.string().max(200) }), PickedPath.nullable()),
  /** A file of another program to read from. */
  'dialogs.pickImportFile': call(z.object({ title: z.string().max(200) }), PickedPath.nullable()),
  /** Where an export is written; `name` is suggested. */
  'dialogs.pickExportFile': call(
    z.object({ title: z.string().max(200), name: z.string().regex(/^[\w. -]{1,80}$/) }),
    PickedPath.nullable(),
  ),
  /** What a chosen file looks like; `format` null = find out. */
  'imports.inspect': call(
    z.object({ token: PathToken, format: ImportFormat.nullable() }),
    z.object({ format: ImportFormat.nullable(), isSealed: z.boolean() }),
  ),
  /** Reads a file and compares it with the vault. Its secrets stay in main; nothing is stored. */
  'imports.open': call(
    z.object({
      token: PathToken,
      format: ImportFormat,
      password: Password.nullable(),
      keyFile: PathToken.nullable(),
      allowSlowKdf: z.boolean(),
    }),
    z.object({ import: z.string(), entries: z.array(ImportEntry) }),
  ),
  /** Stores the chosen entries of the open import in one write, and ends it. */
  'imports.take': call(
    z.object({ import: z.string().max(64), numbers: z.array(z.int().min(1)).max(10_000) }),
    z.object({ added: z.int() }),
  ),
  'imports.close': call(None, z.object({})),
  /** The vault's file as it is. */
  'exports.vault': call(z.object({ token: PathToken }), z.object({})),
  /** Everything in clear, after the master password once more. */
  'exports.plain': call(
    z.object({ token: PathToken, format: z.enum(['json', 'csv']), proof: PasswordProof }),
    z.object({ count: z.int() }),
  ),
  /** One credential under a password of its own, after the master password once more. */
  'exports.credential': call(
    z.object({ token: PathToken, id: Uuid, proof: PasswordProof, password: Password }),
    z.object({}),
  ),
  'dialogs.pickKeyFile': call(z.object({ title: z.string().max(200) }), PickedPath.nullable()),

  'jobs.list': call(None, z.array(JobView)),
  'jobs.add': call(z.object({ draft: JobDraft.omit(paths), localToken: PathToken }), Done),
  'jobs.edit': call(
    z.object({ id: Uuid, patch: JobPatch.omit(paths), localToken: PathToken.nullable() }),
    Done,
  ),
  'jobs.remove': call(ById, Done),
  'jobs.preview': call(ById, Preview),
  /** Starts a run; `approve` carries out exactly that stored plan. Answers when it has started. */
  'jobs.run': call(z.object({ id: Uuid, approve: Uuid.nullable() }), z.object({ run: Uuid })),
  'jobs.cancel': call(ById, z.object({})),
  /** Pauses all scheduled starts; `forMs` null = until resumed. */
  'jobs.pause': call(z.object({ forMs: z.int().min(60_000).max(604_800_000).nullable() }), z.object({})),
  'jobs.resume': call(None, z.object({})),
  /** Whether a schedule is valid, and its next three times. */
  'jobs.describeSchedule': call(
    z.object({ schedule: ScheduleText, zone: ZoneName }),
    z.object({ ok: z.boolean(), next: z.array(z.iso.datetime()) }),
  ),
  'history.list': call(
    z.object({ jobId: Uuid.nullable(), limit: z.int().min(1).max(500) }),
    z.object({ runs: z.array(RunSummary), skips: z.array(SkipRecord) }),
  ),
}

export type Calls = typeof calls
export type CallName = keyof Calls
export type Input<N extends CallName> = z.input<Calls[N]['input']>
export type ParsedInput<N extends CallName> = z.output<Calls[N]['input']>
export type Output<N extends CallName> = z.output<Calls[N]['output']>

/** What services implement. Shell, CLI and tests call the very same functions. */
export type Handlers = { readonly [N in CallName]: (input: ParsedInput<N>) => Promise<Output<N>> }
