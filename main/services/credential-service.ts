import type { JobStore } from '../core/jobs/job-store.ts'
import type { Changed, SecretUse } from '../core/vault/vault-api.ts'
import { AppError } from '../model/app-error.ts'
import type {
  Credential,
  CredentialDraft,
  CredentialFields,
  CredentialPatch,
  SecretValues,
} from '../model/credential.ts'
import { nameKey } from '../model/ids.ts'
import type { RevisionInfo } from '../model/revision.ts'
import { checkCredential, checkIdentity, checkSecrets } from './check-credential.ts'
import type { ServicePorts } from './service-ports.ts'
import type { WorkerTasks } from './worker-tasks.ts'

export type CredentialService = {
  list(): Promise<readonly Credential[]>
  /** By id or by name. Throws AppError('unknown-name'). */
  find(idOrName: string): Promise<Credential>
  add(draft: CredentialDraft, secrets: SecretValues): Promise<Changed>
  edit(id: string, patch: CredentialPatch, secrets: SecretValues): Promise<Changed>
  remove(id: string): Promise<Changed>
  /** One secret field; the caller wipes the bytes. */
  reveal(id: string, field: string, options?: RevealOptions): Promise<Uint8Array>
  /** What it is and was, newest first; names what changed, never a value. */
  revisions(id: string): Promise<readonly RevisionInfo[]>
  /** Makes an old revision the present one, as an edit that gives everything again. */
  restore(id: string, rev: number): Promise<Changed>
  /** Erases the history of one, with null of all; answers how many had any. */
  purgeRevisions(id: string | null): Promise<number>
  readonly tasks: WorkerTasks
}

/** What a secret is wanted for (to see it unless said), and of which revision (null = the present one). */
export type RevealOptions = { readonly use?: SecretUse; readonly rev?: number | null }

/** `changed` runs after each change, so that projections and grants follow. */
export function createCredentialService(
  ports: ServicePorts,
  tasks: WorkerTasks,
  changed: () => Promise<void>,
): CredentialService {
  const list = async (): Promise<readonly Credential[]> =>
    withUse(withBlocks(await ports.vault.unlocked().listCredentials(), ports.store), ports.store)

  const after = async (change: Changed): Promise<Changed> => {
    await changed()
    return change
  }

  return {
    list,
    find: async (idOrName) => findByName(await list(), idOrName, 'credential'),
    async add(draft, secrets) {
      checkCredential({ type: draft.type, fields: draft.fields, secretNames: Object.keys(secrets) })
      checkSecrets(draft.type, secrets)
      checkIdentity(draft.type, draft.hostKey)
      return after(await ports.vault.unlocked().addCredential(draft, secrets))
    },
    async edit(id, patch, secrets) {
      const { type, fields } = findByName(await list(), id, 'credential')
      const secretNames = Object.keys(secrets)
      checkCredential({ type, fields: patchedFields(fields, patch.fields ?? {}), secretNames })
      checkSecrets(type, secrets)
      checkIdentity(type, patch.hostKey ?? null)
      const change = await ports.vault.unlocked().editCredential(id, patch, secrets)
      // What was refused may be right now: the next run may try once.
      ports.store.unblock(id)
      return after(change)
    },
    async remove(id) {
      const change = await ports.vault.unlocked().removeCredential(id)
      ports.store.unblock(id)
      return after(change)
    },
    reveal: (id, field, { use, rev = null } = {}) =>
      rev === null
        ? ports.vault.unlocked().revealSecret(id, field, use)
        : ports.vault.unlocked().revealRevision(id, rev, field, use),
    revisions: (id) => ports.vault.unlocked().listRevisions(id),
    async restore(id, rev) {
      const change = await ports.vault.unlocked().restoreRevision(id, rev)
      ports.store.unblock(id)
      return after(change)
    },
    async purgeRevisions(id) {
      const purged = await ports.vault.unlocked().purgeRevisions(id)
      await changed()
      return purged
    },
    tasks,
  }
}

function patchedFields(
  fields: CredentialFields,
  patch: Readonly<Record<string, string | null>>,
): CredentialFields {
  const all = Object.entries({ ...fields, ...patch })
  return Object.fromEntries(all.flatMap(([name, value]) => (value === null ? [] : [[name, value]])))
}

/** Finds by id, else by name as names are compared. Throws AppError('unknown-name'). */
export function findByName<T extends { id: string; name: string }>(
  all: readonly T[],
  idOrName: string,
  what: string,
): T {
  const key = nameKey(idOrName)
  const found = all.find((one) => one.id === idOrName) ?? all.find((one) => nameKey(one.name) === key)
  if (found === undefined)
    throw new AppError('unknown-name', `no ${what} of this name`, { details: { what } })
  return found
}

function withBlocks(credentials: readonly Credential[], store: JobStore): readonly Credential[] {
  const blocks = new Map(store.blocks().map((block) => [block.credential, block]))
  return credentials.map((credential) => {
    const block = blocks.get(credential.id)
    return block === undefined
      ? credential
      : { ...credential, blocked: { code: 'auth-failed' as const, since: block.since } }
  })
}

/** The newest run of the jobs that use a credential now. */
function withUse(credentials: readonly Credential[], store: JobStore): readonly Credential[] {
  return credentials.map((credential) => {
    let lastUsed: Credential['lastUsed'] = null
    for (const { id, name } of credential.usedBy) {
      const at = store.lastRun(id)?.ended ?? null
      if (at !== null && (lastUsed === null || at > lastUsed.at)) lastUsed = { job: id, name, at }
    }
    return lastUsed === null ? credential : { ...credential, lastUsed }
  })
}
