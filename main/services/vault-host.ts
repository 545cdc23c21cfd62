import { AppError } from '../model/app-error.ts'
import type { VaultState, VaultStatus } from '../model/vault.ts'
import type { InitOptions, UnlockInput, UnlockOptions, VaultApi } from '../core/vault/vault-api.ts'

/** An unlockable vault in a process of its own: `end` kills the process and every key with it. */
export type OpenVault = {
  readonly api: VaultApi
  end(): Promise<void>
  onGone(listener: () => void): void
}

/**
 * Where the vault lives right now. Locked, only `closed` exists, which reads headers and never holds a key; unlocking starts
 * what `open` gives, and locking ends it. One-shot commands pass no `open`: then one object in this process is both.
 */
export type VaultHost = {
  status(): Promise<VaultStatus>
  isUnlocked(): boolean
  /** This device's id as last read by `loadDevice`; empty while there is no vault. */
  device(): string
  /** Reads the device id again; done by itself after each unlock. */
  loadDevice(): Promise<void>
  /** The unlocked vault; throws AppError('locked'). */
  unlocked(): VaultApi
  /** For what needs no key: restore, setAside. */
  closed(): VaultApi
  init(password: Uint8Array, options: InitOptions): Promise<void>
  unlock(input: UnlockInput, options: UnlockOptions): Promise<void>
  lock(): Promise<void>
  /** Runs `work` on the unlocked vault, else on one of its own that ends with it, or with a lock. Holds nothing open. */
  borrow<T>(work: (api: VaultApi) => Promise<T>): Promise<T>
  /** Called after each change of state, also when the vault process died by itself. */
  onState(listener: (state: VaultState) => void): void
}

/** At most one unlocked vault at a time; which one it is now is this object's identity. */
class SwitchingVaultHost implements VaultHost {
  readonly #closed: VaultApi
  readonly #open: () => OpenVault
  readonly #listeners: ((state: VaultState) => void)[] = []
  #current: OpenVault | null = null
  /** What is being unlocked right now; a lock ends it too. */
  #candidate: OpenVault | null = null
  /** Opened for one piece of work; a lock ends it as well. */
  #borrowed: OpenVault | null = null
  #locks = 0
  #device = ''

  constructor(closed: VaultApi, open: () => OpenVault) {
    this.#closed = closed
    this.#open = open
  }

  async status(): Promise<VaultStatus> {
    const status = await (this.#current?.api ?? this.#closed).status()
    return this.#candidate === null ? status : { ...status, state: 'unlocking' }
  }

  isUnlocked(): boolean {
    return this.#current !== null
  }

  device(): string {
    return this.#device
  }

  async loadDevice(): Promise<void> {
    this.#device = (await this.#closed.deviceId()) ?? ''
  }

  unlocked(): VaultApi {
    if (this.#current === null) throw new AppError('locked', 'the vault is locked')
    return this.#current.api
  }

  closed(): VaultApi {
    return this.#closed
  }

  init(password: Uint8Array, options: InitOptions): Promise<void> {
    return this.#enter((api) => api.init(password, options))
  }

  unlock(input: UnlockInput, options: UnlockOptions): Promise<void> {
    return this.#enter((api) => api.unlock(input, options))
  }

  async lock(): Promise<void> {
    this.#locks += 1
    await this.#candidate?.end()
    await this.#borrowed?.end()
    const ended = this.#current
    if (ended === null) return
    this.#current = null
    await ended.end()
    this.#tell('locked')
  }

  async borrow<T>(work: (api: VaultApi) => Promise<T>): Promise<T> {
    if (this.#current !== null) return work(this.#current.api)
    if (this.#borrowed !== null || this.#candidate !== null)
      throw new AppError('busy', 'the vault is being opened')
    const borrowed = this.#open()
    this.#borrowed = borrowed
    try {
      return await work(borrowed.api)
    } finally {
      this.#borrowed = null
      await borrowed.end()
    }
  }

  onState(listener: (state: VaultState) => void): void {
    this.#listeners.push(listener)
  }

  /** Runs `enter` against a fresh vault and keeps it only when that succeeds and nobody locked meanwhile. */
  async #enter(enter: (api: VaultApi) => Promise<void>): Promise<void> {
    if (this.#current !== null) throw new AppError('bad-request', 'the vault is unlocked already')
    if (this.#candidate !== null) throw new AppError('busy', 'an unlock is in progress')
    const locks = this.#locks
    const candidate = this.#open()
    this.#candidate = candidate
    try {
      await enter(candidate.api)
      await this.loadDevice()
      if (locks !== this.#locks) throw new AppError('locked', 'locked while unlocking')
    } catch (error) {
      await candidate.end()
      throw error
    } finally {
      this.#candidate = null
    }
    this.#current = candidate
    candidate.onGone(() => {
      if (this.#current !== candidate) return
      this.#current = null
      this.#tell('locked')
    })
    this.#tell('unlocked')
  }

  /** One listener that fails must not keep the others from hearing of a lock. */
  #tell(state: VaultState): void {
    const failures: unknown[] = []
    for (const listener of this.#listeners) {
      try {
        listener(state)
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw new AppError('internal', 'a listener failed', { cause: failures[0] })
  }
}

/** `open` starts a vault in a process of its own; null = `closed` itself is unlocked, in this process. */
export function createVaultHost(closed: VaultApi, open: (() => OpenVault) | null): VaultHost {
  return new SwitchingVaultHost(closed, open ?? (() => inThisProcess(closed)))
}

function inThisProcess(api: VaultApi): OpenVault {
  return { api, end: () => api.lock(), onGone: () => {} }
}
