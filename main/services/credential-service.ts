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
  /** The caller wipes the bytes. */
  reveal(id: string, field: string, use?: SecretUse): Promise<Uint8Array>
  readonly tasks: WorkerTasks
}

/** `changed` runs after each change, so that projections and grants follow. */
export function createCredentialService(
  ports: ServicePorts,
  tasks: WorkerTasks,
  changed: () => Promise<void>,
): CredentialService {
  const list = async (): Promise<readonly Credential[]> =>
    withBlocks(await ports.vault.unlocked().listCredentials(), ports.store)

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
    reveal: (id, field, use) => ports.vault.unlocked().revealSecret(id, field, use),
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
