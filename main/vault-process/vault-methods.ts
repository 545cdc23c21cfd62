import * as z from 'zod'
import type { VaultApi } from '../core/vault/vault-api.ts'
import { AuditNote, AuditQuery } from '../model/audit.ts'
import { CredentialDraft, CredentialPatch, SecretValues } from '../model/credential.ts'
import { JobDraft, JobPatch } from '../model/job.ts'
import { KdfChoice, VaultSettingsPatch } from '../model/vault.ts'

/** One method a parent may call: parses the arguments, then calls the vault. Throws ZodError for arguments of another shape. */
export type VaultMethod = (
  vault: VaultApi,
  args: readonly unknown[],
  /** Sends something before the result. */
  tell: (item: unknown) => void,
) => Promise<unknown>

const Bytes = z.instanceof(Uint8Array)
const Id = z.string().max(100)
const Rev = z.int().min(1)
const GrantOptions = z.object({ agentKey: Bytes, notAfter: z.number() })
const SecretUse = z.enum(['screen', 'clipboard', 'export'])
const Drafts = z.array(z.object({ draft: CredentialDraft, secrets: SecretValues })).max(10_000)
/** Exact optional fields: a key that is there and undefined is not a key file. */
const Proof = z.union([
  z.strictObject({ password: Bytes, keyFile: Bytes }),
  z.strictObject({ password: Bytes }),
  z.strictObject({ recoveryKey: Bytes }),
])
const VerifyOptions = z.object({ proof: Proof.nullable(), repair: z.boolean(), allowSlowKdf: z.boolean() })
const UnlockInput = z.union([Proof, z.strictObject({ cachedKey: Bytes })])
const InitOptions = z.object({ iterations: z.number().optional(), kdf: KdfChoice.optional() })
const Rotation = z.object({ proofs: z.array(Proof).max(8), dropSlots: z.array(Id).max(8) })
const UnlockOptions = z.object({ allowSlowKdf: z.boolean().optional() })

/** The methods of the vault that its process answers, and nothing else: a name that is not here does not resolve. */
export const vaultMethods: ReadonlyMap<string, VaultMethod> = new Map(
  Object.entries({
    status: (vault) => vault.status(),
    deviceId: (vault) => vault.deviceId(),
    epoch: (vault) => vault.epoch(),
    init: taking([Bytes, InitOptions], (vault, args) => vault.init(...args)),
    unlock: taking([UnlockInput, UnlockOptions], (vault, args) => vault.unlock(...args)),
    lock: (vault) => vault.lock(),
    changePassword: taking([Proof, Bytes, KdfChoice.optional()], (vault, args) =>
      vault.changePassword(...args),
    ),
    prepareRecoveryKey: (vault) => vault.prepareRecoveryKey(),
    addRecoveryKey: taking([Proof, z.tuple([Bytes, Bytes])], (vault, args) => vault.addRecoveryKey(...args)),
    newKeyFile: (vault) => vault.newKeyFile(),
    setKeyFile: taking([Proof, Bytes.nullable()], (vault, args) => vault.setKeyFile(...args)),
    removeSlot: taking([Id, Proof], (vault, args) => vault.removeSlot(...args)),
    rotateKey: taking([Rotation], (vault, [options], tell) =>
      vault.rotateKey({ ...options, onProgress: tell }),
    ),
    cancelRotation: (vault) => vault.cancelRotation(),
    restore: taking([z.number()], (vault, args) => vault.restore(...args)),
    setAside: (vault) => vault.setAside(),
    confirmPassword: taking([Proof], (vault, args) => vault.confirmPassword(...args)),
    exportFile: (vault) => vault.exportFile(),
    verify: taking([VerifyOptions], (vault, [options], tell) =>
      vault.verify({ ...options, onProgress: tell }),
    ),
    exportCacheableKey: (vault) => vault.exportCacheableKey(),
    settings: (vault) => vault.settings(),
    changeSettings: taking([VaultSettingsPatch], (vault, args) => vault.changeSettings(...args)),
    listCredentials: (vault) => vault.listCredentials(),
    addCredential: taking([CredentialDraft, SecretValues], (vault, args) => vault.addCredential(...args)),
    addCredentials: taking([Drafts], (vault, args) => vault.addCredentials(...args)),
    editCredential: taking([Id, CredentialPatch, SecretValues], (vault, args) =>
      vault.editCredential(...args),
    ),
    removeCredential: taking([Id], (vault, args) => vault.removeCredential(...args)),
    revealSecret: taking([Id, Id, SecretUse.optional()], (vault, args) => vault.revealSecret(...args)),
    noteAudit: taking([AuditNote], (vault, args) => vault.noteAudit(...args)),
    auditEntries: taking([AuditQuery], (vault, args) => vault.auditEntries(...args)),
    listRevisions: taking([Id], (vault, args) => vault.listRevisions(...args)),
    revealRevision: taking([Id, Rev, Id, SecretUse.optional()], (vault, args) =>
      vault.revealRevision(...args),
    ),
    restoreRevision: taking([Id, Rev], (vault, args) => vault.restoreRevision(...args)),
    purgeRevisions: taking([Id.nullable()], (vault, args) => vault.purgeRevisions(...args)),
    listJobs: (vault) => vault.listJobs(),
    addJob: taking([JobDraft], (vault, args) => vault.addJob(...args)),
    editJob: taking([Id, JobPatch], (vault, args) => vault.editJob(...args)),
    removeJob: taking([Id], (vault, args) => vault.removeJob(...args)),
    deviceLabels: (vault) => vault.deviceLabels(),
    grantJob: taking([Id, GrantOptions], (vault, args) => vault.grantJob(...args)),
    grantCredential: taking([Id, GrantOptions], (vault, args) => vault.grantCredential(...args)),
    grantDraft: taking(
      [CredentialDraft, SecretValues, GrantOptions.extend({ basedOn: Id.optional() })],
      (vault, args) => vault.grantDraft(...args),
    ),
  } satisfies Record<keyof VaultApi, VaultMethod>),
)

function taking<const Schemas extends readonly [z.ZodType, ...z.ZodType[]]>(
  schemas: Schemas,
  run: (
    vault: VaultApi,
    args: z.output<z.ZodTuple<Schemas, null>>,
    tell: (item: unknown) => void,
  ) => Promise<unknown>,
): VaultMethod {
  const tuple = z.tuple(schemas)
  return (vault, args, tell) => run(vault, tuple.parse(args), tell)
}
