import type { SecretValues } from '../../model/credential.ts'
import { concatBytes, wipe } from '../crypto/bytes.ts'
import { confirmPassword } from './confirm-password.ts'
import * as credentials from './credentials.ts'
import { readDeviceMemory } from './device-memory.ts'
import { deviceLabels } from './device-records.ts'
import { exportVaultFile } from './export-file.ts'
import { createGrantIssuer } from './grants.ts'
import type { GrantIssuer } from './grants.ts'
import { initVault } from './init.ts'
import * as jobs from './jobs.ts'
import { changePassword } from './password-change.ts'
import { restoreGeneration, setVaultAside } from './recovery.ts'
import type { Session } from './session.ts'
import { changeSettings, readSettings } from './settings.ts'
import { passwordSlot, saltHash } from './slots.ts'
import type { Transaction, View } from './transaction.ts'
import { unlockVault } from './unlock.ts'
import type { GrantOptions, VaultApi } from './vault-api.ts'
import { changed, locked } from './vault-errors.ts'
import type { VaultPorts } from './vault-ports.ts'
import { createStatusReader } from './vault-status.ts'
import { createVaultStore } from './vault-store.ts'
import type { VaultStore } from './vault-store.ts'

/** The vault of one home folder, locked. Owns at most one session, which `lock` wipes. */
export function createVault(ports: VaultPorts): VaultApi {
  const store = createVaultStore(ports)
  const holder = createSessionHolder()
  const readStatus = createStatusReader(ports, store)
  return {
    status: () => readStatus(holder.access()),
    async deviceId() {
      const { state, kind } = await readDeviceMemory(ports)
      return kind === 'known' && state.vault !== null ? state.device : null
    },
    init: (password, { iterations }) => holder.open(() => initVault(ports, store, password, iterations)),
    unlock: (input, options) => holder.open(() => unlockVault(ports, store, input, options)),
    lock() {
      holder.close()
      return Promise.resolve()
    },
    async changePassword(current, next) {
      try {
        await changePassword(ports, store, holder.session(), { current, next })
      } finally {
        wipe(current, next)
      }
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
    async epoch() {
      return (await store.view(holder.session())).file.top.epoch
    },
    confirmPassword: (password) => confirmPassword(ports, store, holder.session(), password),
    exportFile: () => exportVaultFile(ports, store, holder.session()),
    async exportCacheableKey() {
      const session = holder.session()
      const { file } = await store.view(session)
      const { slot, saltHash: hash, kek } = session.slotKey()
      if (saltHash(passwordSlot(file.top.slots)) !== hash) throw changed('slot replaced meanwhile')
      return { vault: session.vault, slot, saltHash: hash, kek: concatBytes(kek) }
    },
    ...createContents(holder, store),
    ...createGrants(holder, store, createGrantIssuer(ports)),
  }
}

type SessionHolder = {
  access(): 'locked' | 'unlocking' | 'unlocked'
  /** Throws AppError('locked'). */
  session(): Session
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
  | 'listJobs'
  | 'addJob'
  | 'editJob'
  | 'removeJob'
  | 'deviceLabels'
>

function createContents(holder: SessionHolder, store: VaultStore): Contents {
  const read = async <T>(look: (view: View, session: Session) => T): Promise<T> => {
    const session = holder.session()
    return look(await store.view(session), session)
  }
  const write = async <T>(change: (transaction: Transaction, session: Session) => T): Promise<T> => {
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
