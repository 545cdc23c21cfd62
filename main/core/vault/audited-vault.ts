import { ensureAuditKey, findAuditPlace } from './audit-key.ts'
import { createAuditLog } from './audit-log.ts'
import type { FindPlace, Happened } from './audit-log.ts'
import type { AnyMeta } from './record-kinds.ts'
import type { Session } from './session.ts'
import type { Changed, VaultApi } from './vault-api.ts'
import { locked } from './vault-errors.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'

/** A vault as it is made, before its use is written down. */
export type UnauditedVault = Omit<VaultApi, 'auditEntries' | 'noteAudit'>

type Parts = {
  readonly ports: VaultPorts
  readonly store: VaultStore
  /** Null while locked. */
  readonly session: () => Session | null
}

type Named = { readonly id: string; readonly name: string }
type Note = (happened: Happened, options?: { readonly batched?: boolean }) => Promise<void>

/**
 * The same vault with a record of what is done with its credentials. What lets a secret out is written down, and on disk, before
 * the secret leaves; what changes the vault is written down once it is done. Attempts to unlock are counted in device.json while
 * there is no key, and named by the unlock that follows them.
 */
export function auditedVault(vault: UnauditedVault, { ports, store, session }: Parts): VaultApi {
  const log = createAuditLog(ports)
  const open = (): Session => {
    const current = session()
    if (current === null) throw locked()
    return current
  }
  const placeOf =
    (current: Session): FindPlace =>
    () =>
      findAuditPlace(ports, store, current)
  const note: Note = async (happened, options) => {
    const current = session()
    // What was done stays done although a lock came in between.
    if (current === null) ports.log.warn('audit.not-written', { code: 'locked' })
    else await log.note(placeOf(current), happened, options)
  }
  const find: FindRecord = (id) => findRecord(store, open(), id)
  return {
    ...vault,
    ...ways(vault, { ports, store, session }, note),
    ...slotChanges(vault, note),
    ...changes(vault, note, find),
    ...secrets(vault, note, find),
    ...past(vault, note, find),
    async noteAudit({ credentialId, ...happened }) {
      const credential =
        credentialId === null || credentialId === undefined ? null : named(await find(credentialId))
      await note({ ...happened, credential })
    },
    async auditEntries(query) {
      return log.page(placeOf(open()), query)
    },
  }
}

/** In, and what decides who gets in. */
function ways(
  vault: UnauditedVault,
  { ports, store, session }: Parts,
  note: Note,
): Pick<VaultApi, 'init' | 'unlock' | 'changePassword' | 'changeSettings' | 'exportCacheableKey'> {
  return {
    async init(password, options) {
      await vault.init(password, options)
      await note({ event: 'created' })
    },
    async unlock(input, options) {
      await vault.unlock(input, options)
      const current = session()
      if (current === null) return
      const { failures, isRestored } = current.cache.before
      await ensureAuditKey(ports, store, current)
      if (isRestored) await note({ event: 'restored' })
      await note({ event: 'unlocked', failures, detail: 'cachedKey' in input ? 'keychain' : null })
    },
    async changePassword(proof, ...args) {
      await vault.changePassword(proof, ...args)
      // Whoever finds the paper and a vault that is open: the owner must be able to tell.
      await note({ event: 'password-changed', detail: 'recoveryKey' in proof ? 'recovery key' : null })
    },
    async changeSettings(patch) {
      const settings = await vault.changeSettings(patch)
      await note({ event: 'settings-changed' })
      return settings
    },
    async exportCacheableKey() {
      await note({ event: 'key-cached' })
      return vault.exportCacheableKey()
    },
  }
}

function slotChanges(
  vault: UnauditedVault,
  note: Note,
): Pick<VaultApi, 'addRecoveryKey' | 'setKeyFile' | 'removeSlot' | 'rotateKey'> {
  return {
    async addRecoveryKey(...args) {
      await vault.addRecoveryKey(...args)
      await note({ event: 'slot-added', detail: 'recovery key' })
    },
    async setKeyFile(proof, keyFile) {
      const event = keyFile === null ? 'slot-removed' : 'slot-added'
      await vault.setKeyFile(proof, keyFile)
      await note({ event, detail: 'key file' })
    },
    async removeSlot(id, proof) {
      await vault.removeSlot(id, proof)
      await note({ event: 'slot-removed', detail: id })
    },
    async rotateKey(options) {
      await vault.rotateKey(options)
      await note({ event: 'key-rotated' })
    },
  }
}

/** The record of an id as this session knows it, null for none. */
type FindRecord = (id: string) => Promise<(AnyMeta & { readonly id: string }) | null>

function changes(
  vault: UnauditedVault,
  note: Note,
  find: FindRecord,
): Pick<VaultApi, 'addCredential' | 'addCredentials' | 'editCredential' | 'removeCredential' | 'verify'> {
  const done = async (event: Happened['event'], changed: Changed): Promise<Changed> => {
    // What changed is on disk in the vault itself, with its history: nobody need wait for another fsync.
    await note({ event, credential: { id: changed.id, name: changed.name } }, { batched: true })
    return changed
  }
  return {
    addCredential: async (...args) => done('added', await vault.addCredential(...args)),
    async addCredentials(drafts) {
      const added = await vault.addCredentials(drafts)
      if (added.length > 0) await note({ event: 'imported', count: added.length })
      return added
    },
    editCredential: async (...args) => done('edited', await vault.editCredential(...args)),
    async removeCredential(id) {
      // A tombstone keeps the name as it was last; asked before, it is the same.
      const before = named(await find(id))
      const changed = await vault.removeCredential(id)
      return done('removed', before === null ? changed : { ...changed, name: before.name })
    },
    async verify(options) {
      const report = await vault.verify(options)
      // Of a vault that is locked there is no key left to write with.
      if (report.repaired && options.proof === null) {
        await note({ event: 'repaired', count: report.damaged.length })
      }
      return report
    },
  }
}

function secrets(
  vault: UnauditedVault,
  note: Note,
  find: FindRecord,
): Pick<VaultApi, 'revealSecret' | 'grantJob' | 'grantCredential' | 'grantDraft'> {
  return {
    async revealSecret(id, field, use = 'screen') {
      const secret = await vault.revealSecret(id, field)
      // One note for all of an export, written before the first of them is read.
      if (use === 'export') return secret
      const credential = named(await find(id).catch(() => null))
      await note({ event: use === 'clipboard' ? 'copied' : 'revealed', credential, field })
      return secret
    },
    async grantJob(id, options) {
      const grant = await vault.grantJob(id, options)
      const job = await find(id)
      const credential = job?._kind === 'job' ? await find(job.fields.credential) : null
      await note({ event: 'granted', job: named(job), credential: named(credential) }, { batched: true })
      return grant
    },
    async grantCredential(id, options) {
      const grant = await vault.grantCredential(id, options)
      await note({ event: 'used', credential: named(await find(id)) }, { batched: true })
      return grant
    },
    async grantDraft(draft, given, options) {
      const grant = await vault.grantDraft(draft, given, options)
      const { basedOn } = options
      if (basedOn !== undefined) {
        await note({ event: 'used', credential: named(await find(basedOn)) }, { batched: true })
      }
      return grant
    },
  }
}

/** What was kept of earlier states: shown, brought back, erased. */
function past(
  vault: UnauditedVault,
  note: Note,
  find: FindRecord,
): Pick<VaultApi, 'revealRevision' | 'restoreRevision' | 'purgeRevisions'> {
  return {
    async revealRevision(id, rev, field, use = 'screen') {
      const secret = await vault.revealRevision(id, rev, field)
      const credential = named(await find(id).catch(() => null))
      const detail = use === 'clipboard' ? `revision ${rev}, copied` : `revision ${rev}`
      await note({ event: 'history-revealed', credential, field, detail })
      return secret
    },
    async restoreRevision(id, rev) {
      const { name, ...changed } = await vault.restoreRevision(id, rev)
      await note({ event: 'history-restored', credential: { id, name }, detail: `revision ${rev}` })
      return { ...changed, name }
    },
    async purgeRevisions(id) {
      const purged = await vault.purgeRevisions(id)
      const credential = id === null ? null : named(await find(id))
      await note({ event: 'history-purged', credential, count: purged })
      return purged
    },
  }
}

async function findRecord(store: VaultStore, session: Session, id: string): ReturnType<FindRecord> {
  const cached = session.cache.file?.records.get(id)
  const known = cached === undefined ? undefined : session.cache.records.get(cached.digest)
  if (known !== undefined && known.meta !== null) return { ...known.meta, id }
  const { open } = await store.view(session)
  const found = [...open.credentials, ...open.jobs].find(({ entry }) => entry.record.id === id)
  return found === undefined ? null : { ...found.meta, id }
}

function named(record: { readonly id: string; readonly title: string } | null): Named | null {
  return record === null ? null : { id: record.id, name: record.title }
}
