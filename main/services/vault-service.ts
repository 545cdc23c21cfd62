import { wipe } from '../core/crypto/bytes.ts'
import type { GrantBook } from '../core/jobs/grant-book.ts'
import type { RunCoordinator } from '../core/jobs/run-coordinator.ts'
import type { InitOptions, SlotProof } from '../core/vault/vault-api.ts'
import { AppError } from '../model/app-error.ts'
import type { AuditPage, AuditQuery } from '../model/audit.ts'
import { VaultSettings } from '../model/vault.ts'
import type { VaultStatus } from '../model/vault.ts'
import type { CheckProgress, VaultCheck } from '../model/vault-check.ts'
import type { JobService } from './job-service.ts'
import type { KeyCache, NoKey } from './key-cache.ts'
import type { ServicePorts } from './service-ports.ts'
import { createWaysIn } from './ways-in.ts'
import type { WaysIn } from './ways-in.ts'
import type { WorkerTasks } from './worker-tasks.ts'

export type VaultService = WaysIn & {
  status(): Promise<VaultStatus>
  /** The byte arrays given to these are wiped by the vault. */
  create(password: Uint8Array, options: InitOptions): Promise<VaultStatus>
  unlock(proof: SlotProof, options: { allowSlowKdf: boolean }): Promise<VaultStatus>
  /** Ends the vault's process. `stopJobs` also ends grants and running jobs, these at a clean point. */
  lock(options: { stopJobs: boolean }): Promise<VaultStatus>
  restore(generation: number): Promise<VaultStatus>
  /** Checks everything, with the key at hand or by `proof`, which is wiped; repairs when told to. Says how far it is. */
  check(request: CheckRequest): Promise<VaultCheck>
  startOver(): Promise<{ keptAs: string; status: VaultStatus }>
  /** Unlocks with the key kept in the keychain; answers why it could not. Never throws for a keychain. */
  unlockFromKeychain(): Promise<'unlocked' | NoKey>
  /**
   * Keeps the derived key in the keychain for `days`, after the proof once more, which is wiped. Throws AppError('keychain-*') and what
   * `VaultApi.confirmPassword` throws.
   */
  rememberKey(days: number, proof: SlotProof): Promise<VaultStatus>
  /** Deletes it from the keychain. Throws AppError('keychain-*') when it may still be there. */
  forgetKey(): Promise<VaultStatus>
  /** When the key in the keychain stops to open the vault, milliseconds since 1970; null when there is none. */
  keyExpiry(): number | null
  settings(): Promise<VaultSettings>
  changeSettings(patch: Partial<VaultSettings>): Promise<VaultSettings>
  /** What was done with credentials on this device. */
  activity(query: AuditQuery): Promise<AuditPage>
  /** Called with the settings in force after each unlock and each change. */
  onSettings(listener: (settings: VaultSettings) => void): void
}

export type CheckRequest = {
  readonly proof: SlotProof | null
  readonly repair: boolean
  readonly allowSlowKdf: boolean
}

export type VaultServiceParts = {
  readonly grants: GrantBook
  readonly coordinator: RunCoordinator
  readonly jobs: JobService
  readonly keyCache: KeyCache
  readonly tasks: Pick<WorkerTasks, 'killAll'>
  /** Runs at every lock, beside the rest. */
  readonly onLock?: () => void
}

export function createVaultService(ports: ServicePorts, parts: VaultServiceParts): VaultService {
  const { vault } = ports
  const { keyCache } = parts
  const door = createDoor(ports, parts)
  const { status } = door
  return {
    ...door,
    ...createWaysIn(ports, keyCache, status),
    async restore(generation) {
      // Grants of the copy that is replaced must not outlive it.
      parts.grants.forget()
      await door.lock({ stopJobs: false })
      await vault.closed().restore(generation)
      return status()
    },
    check: (request) => checkVault(ports, parts, request),
    async startOver() {
      await door.lock({ stopJobs: true })
      const keptAs = await vault.closed().setAside()
      ports.store.reset()
      // Chosen for the old vault; a key of the next one must not be kept unasked. There is no vault now, so no entry is deleted.
      await keyCache.forget()
      await vault.loadDevice()
      ports.emit('jobs.changed', {})
      return { keptAs, status: await status() }
    },
    async rememberKey(days, proof) {
      // Else a minute at an open vault would get its finder a way in that no password is needed for.
      await vault.unlocked().confirmPassword(proof)
      await keyCache.remember(days)
      return status()
    },
    async forgetKey() {
      await keyCache.forget()
      return status()
    },
    keyExpiry: () => keyCache.until(),
    settings: () => vault.unlocked().settings(),
    activity: (query) => vault.unlocked().auditEntries(query),
  }
}

async function checkVault(
  ports: ServicePorts,
  { jobs, grants }: VaultServiceParts,
  { proof, repair, allowSlowKdf }: CheckRequest,
): Promise<VaultCheck> {
  const { vault } = ports
  const isOpen = vault.isUnlocked()
  try {
    const onProgress = (progress: CheckProgress): void => {
      ports.emit('vault.checking', progress)
    }
    const report = await vault.borrow((api) =>
      api.verify({ proof: isOpen ? null : proof, repair, allowSlowKdf, onProgress }),
    )
    if (!report.repaired) return report
    // Grants of revisions that are no more must not outlive them.
    if (isOpen) await jobs.refresh()
    else grants.forget()
    return report
  } finally {
    if (proof !== null) wipe(...Object.values(proof))
  }
}

type Door = Pick<
  VaultService,
  'status' | 'create' | 'unlock' | 'unlockFromKeychain' | 'lock' | 'changeSettings' | 'onSettings'
>

/** The ways in and out, and who must hear of them. */
function createDoor(ports: ServicePorts, parts: VaultServiceParts): Door {
  const { vault } = ports
  const { keyCache } = parts
  const listeners: ((settings: VaultSettings) => void)[] = []
  const tell = (settings: VaultSettings): VaultSettings => {
    for (const listener of listeners) listener(settings)
    return settings
  }
  const status = async (): Promise<VaultStatus> => ({
    ...(await vault.status()),
    keychain: keyCache.state(),
  })
  /** The vault is open: from here on something must be watching when to lock it, whatever else fails. */
  const afterUnlock = async (): Promise<VaultStatus> => {
    const settings = vault.unlocked().settings()
    tell(await settings.catch(() => VaultSettings.parse({})))
    await parts.jobs.refresh().catch((error: unknown) => {
      ports.log.error('jobs.not-refreshed', { code: error instanceof AppError ? error.code : 'internal' })
    })
    return status()
  }
  return {
    status,
    async create(password, options) {
      await vault.init(password, options)
      return afterUnlock()
    },
    async unlock(proof, options) {
      await vault.unlock(proof, options)
      return afterUnlock()
    },
    async unlockFromKeychain() {
      const answer = await keyCache.unlock()
      if (answer === 'unlocked') {
        await afterUnlock()
        return answer
      }
      ports.log.info('keychain.no-key', { why: answer })
      // The unlock window is open already and has to say why it asks for the password.
      const { state } = await vault.status()
      if (state === 'locked') ports.emit('vault.state', { state })
      return answer
    },
    /** Ends the vault process, tasks that need it and, on demand, grants and runs; each although another fails. */
    async lock({ stopJobs }) {
      const steps: readonly (() => unknown)[] = [
        () => vault.lock(),
        () => parts.tasks.killAll(),
        () => parts.onLock?.(),
        ...(stopJobs ? [() => parts.grants.forget(), () => parts.coordinator.cancelAll()] : []),
      ]
      // All begin in this turn; what one throws is its own failure.
      const [locked] = await Promise.allSettled(steps.map(async (step) => await step()))
      if (locked?.status === 'rejected') throw locked.reason
      return status()
    },
    changeSettings: async (patch) => tell(await vault.unlocked().changeSettings(patch)),
    onSettings: (listener) => void listeners.push(listener),
  }
}
