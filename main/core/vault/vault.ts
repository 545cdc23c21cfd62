import { AppError } from '../../model/app-error.ts'
import type { SecretValues } from '../../model/credential.ts'
import { concatBytes, wipe } from '../crypto/bytes.ts'
import { auditedVault } from './audited-vault.ts'
import type { UnauditedVault } from './audited-vault.ts'
import { createCallGate } from './call-gate.ts'
import { confirmPassword } from './confirm-password.ts'
import * as credentials from './credentials.ts'
import { readDeviceMemory } from './device-memory.ts'
import { deviceLabels } from './device-records.ts'
import { exportVaultFile } from './export-file.ts'
import { gatedVault } from './gated-vault.ts'
import { createGrantIssuer } from './grants.ts'
import type { GrantIssuer } from './grants.ts'
import { initVault } from './init.ts'
import * as jobs from './jobs.ts'
import { newKeyFile } from './key-file.ts'
import { listRevisions, restoreRevision, revealRevision } from './past-revisions.ts'
import { changePassword } from './password-change.ts'
import { purgeRevisions } from './purge-revisions.ts'
import { restoreGeneration, setVaultAside } from './recovery.ts'
import { rotateKey } from './rotation.ts'
import type { Session } from './session.ts'
import { changeSettings, readSettings } from './settings.ts'
import { addRecoveryKey, prepareRecoveryKey, removeSlot, setKeyFile } from './slot-change.ts'
import { openableSlots, saltHash } from './slots.ts'
import type { Transaction, View } from './transaction.ts'
import { unlockVault } from './unlock.ts'
import type { GrantOptions, VaultApi } from './vault-api.ts'
import { changed, locked } from './vault-errors.ts'
import type { VaultPorts } from './vault-ports.ts'
import { createStatusReader } from './vault-status.ts'
import { createVaultStore } from './vault-store.ts'
import type { VaultStore } from './vault-store.ts'
import { verifyVault } from './verify.ts'

/** The vault of one home folder, locked. Owns at most one session, which `lock` wipes. */
export function createVault(ports: VaultPorts): VaultApi {
  const store = createVaultStore(ports)
  const holder = createSessionHolder()
  const readStatus = createStatusReader(ports, store)
  const vault: UnauditedVault = {
    status: () => readStatus(holder.access()),
    async deviceId() {
      const { state, kind } = await readDeviceMemory(ports)
      return kind === 'known' && state.vault !== null ? state.device : null
    },
    init: (password, { iterations, kdf }) => {
      const choice = kdf ?? { name: 'pbkdf2-hmac-sha256' as const, iterations }
      return holder.open(() => initVault(ports, store, password, choice))
    },
    unlock: (input, options) => holder.open(() => unlockVault(ports, store, input, options)),
    lock() {
      holder.close()
      return Promise.resolve()
    },
    async restore(generation) {
      await restoreGeneration(ports, store, generation)
      holder.close()
    },
    async setAside() {
      const folder = await setVaultAside(ports, store)
      holder.close()
      return folder
    },
    verify: (options) => verifyVault(ports, store, holder.current(), options),
    async epoch() {
      return (await store.view(holder.session())).file.top.epoch
    },
    confirmPassword: async (proof) => confirmPassword(ports, store, holder.session(), proof),
    exportFile: () => exportVaultFile(ports, store, holder.session()),
    async exportCacheableKey() {
      const session = holder.session()
      const { file } = await store.view(session)
      const { slot, saltHash: hash, kek } = session.slotKey()
      if (!openableSlots(file.top.slots).some((open) => open.slot.id === slot && saltHash(open) === hash))
        throw changed('slot replaced meanwhile')
      return { vault: session.vault, slot, saltHash: hash, kek: concatBytes(kek) }
    },
    ...createWaysIn(holder, store, ports),
    ...createContents(holder, store, ports.pacer),
    ...createGrants(holder, store, createGrantIssuer(ports)),
  }
  const audited = auditedVault(vault, { ports, store, session: () => holder.current() })
  return gatedVault(audited, createCallGate())
}

type SessionHolder = {
  access(): 'locked' | 'unlocking' | 'unlocked'
  /** Throws AppError('locked'). */
  session(): Session
  /** Null while locked. */
  current(): Session | null
  /** Keeps the session that `make` opens, unless a lock came in between. */
  open(make: () => Promise<Session>): Promise<void>
  close(): void
}

function createSessionHolder(): SessionHolder {
  let current: Session | null = null
  let opening = 0
  let locks = 0
  const close = (): void => {
    locks += 1
    current?.close()
    current = null
  }
  return {
    access: () => (current?.isOpen() === true ? 'unlocked' : opening > 0 ? 'unlocking' : 'locked'),
    current: () => (current?.isOpen() === true ? current : null),
    session() {
      if (current === null) throw locked()
      return current
    },
    async open(make) {
      const locksBefore = locks
      opening += 1
      try {
        const session = await make()
        if (locks !== locksBefore) {
          session.close()
          throw locked()
        }
        current?.close()
        current = session
      } finally {
        opening -= 1
      }
    },
    close,
  }
}

type WaysIn = Pick<
  VaultApi,
  | 'changePassword'
  | 'prepareRecoveryKey'
  | 'addRecoveryKey'
  | 'newKeyFile'
  | 'setKeyFile'
  | 'removeSlot'
  | 'rotateKey'
  | 'cancelRotation'
>

function createWaysIn(holder: SessionHolder, store: VaultStore, ports: VaultPorts): WaysIn {
  let rotation: AbortController | null = null
  /** Wipes what a call was given when it is over, whatever came of it. */
  const wiping = async <T>(given: readonly (Uint8Array | null)[], call: () => Promise<T>): Promise<T> => {
    try {
      return await call()
    } finally {
      for (const bytes of given) if (bytes !== null) wipe(bytes)
    }
  }
  return {
    changePassword: (proof, next, kdf) =>
      wiping([...Object.values(proof), next], async () =>
        changePassword(ports, store, holder.session(), { proof, next, kdf: kdf ?? null }),
      ),
    prepareRecoveryKey: async () => Promise.resolve(prepareRecoveryKey(ports, holder.session())),
    addRecoveryKey: (proof, typed) =>
      wiping([...Object.values(proof), ...typed], async () =>
        addRecoveryKey(ports, store, holder.session(), { proof, typed }),
      ),
    newKeyFile: async () => Promise.resolve(newKeyFile(ports.random)),
    setKeyFile: (proof, keyFile) =>
      wiping([...Object.values(proof), keyFile], async () =>
        setKeyFile(ports, store, holder.session(), { proof, keyFile }),
      ),
    removeSlot: (id, proof) =>
      wiping(Object.values(proof), async () => removeSlot(ports, store, holder.session(), { id, proof })),
    rotateKey: (options) =>
      wiping(
        options.proofs.flatMap((proof) => Object.values(proof)),
        async () => {
          const controller = new AbortController()
          rotation = controller
          const { signal } = controller
          await holder.open(() => rotateKey(ports, store, holder.session(), { ...options, signal }))
          // The key is changed whatever comes of this; what is left is finished by the next change or unlock.
          try {
            await store.adoptLocal(holder.session())
          } catch (error) {
            const code = error instanceof AppError ? error.code : 'internal'
            ports.log.warn('vault.settle-failed', { code })
          }
        },
      ),
    cancelRotation: async () => {
      rotation?.abort()
      return Promise.resolve()
    },
  }
}

type Contents = Pick<
  VaultApi,
  | 'settings'
  | 'changeSettings'
  | 'listCredentials'
  | 'addCredential'
  | 'addCredentials'
  | 'editCredential'
  | 'removeCredential'
  | 'revealSecret'
  | 'listRevisions'
  | 'revealRevision'
  | 'restoreRevision'
  | 'purgeRevisions'
  | 'listJobs'
  | 'addJob'
  | 'editJob'
  | 'removeJob'
  | 'deviceLabels'
>

function createContents(holder: SessionHolder, store: VaultStore, pacer: VaultPorts['pacer']): Contents {
  const read = async <T>(look: (view: View, session: Session) => T): Promise<T> => {
    const session = holder.session()
    return look(await store.view(session), session)
  }
  const write = async <T>(
    change: (transaction: Transaction, session: Session) => T | Promise<T>,
  ): Promise<T> => {
    const session = holder.session()
    return store.mutate(session, (transaction) => change(transaction, session))
  }
  return {
    settings: () => read(readSettings),
    changeSettings: (patch) => write((transaction) => changeSettings(transaction, patch)),
    listCredentials: () => read((view, session) => credentials.listCredentials(session, view)),
    addCredential: (draft, secrets) =>
      withSecrets(secrets, () =>
        write((transaction) =>
          credentials.addCredential(transaction, draft, credentials.secretTexts(secrets)),
        ),
      ),
    async addCredentials(drafts) {
      try {
        return await write((transaction) => credentials.addCredentials(transaction, drafts))
      } finally {
        for (const { secrets } of drafts) credentials.wipeSecrets(secrets)
      }
    },
    editCredential: (id, patch, secrets) =>
      withSecrets(secrets, () =>
        write((transaction, session) => {
          const given = credentials.secretTexts(secrets)
          return credentials.editCredential(session, transaction, { id, patch, given })
        }),
      ),
    removeCredential: (id) => write((transaction) => credentials.removeCredential(transaction, id)),
    revealSecret: (id, field) => read((view, session) => credentials.revealSecret(session, view, id, field)),
    listRevisions: (id) => read((view, session) => listRevisions(session, view, id)),
    revealRevision: (id, rev, field) =>
      read((view, session) => revealRevision(session, view, id, { rev, field })),
    restoreRevision: (id, rev) =>
      write((transaction, session) => restoreRevision(session, transaction, id, rev)),
    purgeRevisions: (id) =>
      write((transaction, session) => purgeRevisions(session, transaction, id, pacer())),
    listJobs: () => read((view, session) => jobs.listJobs(session, view)),
    addJob: (draft) => write((transaction) => jobs.addJob(transaction, draft)),
    editJob: (id, patch) => write((transaction, session) => jobs.editJob(session, transaction, id, patch)),
    removeJob: (id) => write((transaction) => jobs.removeJob(transaction, id)),
    deviceLabels: () => read((view) => deviceLabels(view.open)),
  }
}

function createGrants(
  holder: SessionHolder,
  store: VaultStore,
  issuer: GrantIssuer,
): Pick<VaultApi, 'grantJob' | 'grantCredential' | 'grantDraft'> {
  const grant = async <T>(options: GrantOptions, issue: (session: Session, view: View) => T): Promise<T> => {
    try {
      const session = holder.session()
      return issue(session, await store.view(session))
    } finally {
      wipe(options.agentKey)
    }
  }
  return {
    grantJob: (id, options) => grant(options, (session, view) => issuer.forJob(session, view, id, options)),
    grantCredential: (id, options) =>
      grant(options, (session, view) => issuer.forCredential(session, view, id, options)),
    grantDraft: (draft, secrets, options) =>
      withSecrets(secrets, () =>
        grant(options, (session, view) => {
          const texts = credentials.secretTexts(secrets)
          const granted = { draft, secrets: texts, basedOn: options.basedOn ?? null }
          return issuer.forDraft(session, view, granted, options)
        }),
      ),
  }
}

/** Wipes the secret values of a call when it is over, whatever came of it. */
async function withSecrets<T>(secrets: SecretValues, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } finally {
    credentials.wipeSecrets(secrets)
  }
}
