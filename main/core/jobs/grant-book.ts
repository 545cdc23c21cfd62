import { AppError } from '../../model/app-error.ts'
import type { SealedGrant } from '../../model/grant.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Random } from '../ports/random.ts'
import { deriveGrantKey } from '../vault/grant.ts'
import type { GrantOptions, VaultApi } from '../vault/vault-api.ts'
import type { ProjectedJob } from './job-store.ts'

/**
 * A day less than the longest life a grant may have: the vault's process reads the clock for itself, and a clock that is set
 * back between the two readings must not make every unlock fail.
 */
const grantLifeMs = 89 * 86_400_000
/** One this old is sealed anew at the next chance, long before it ends. */
const grantFreshMs = 30 * 86_400_000

/** A sealed grant with the one key that opens it; the receiver (the worker) wipes the key. */
export type OpenableGrant = { readonly sealed: SealedGrant; readonly grantKey: Uint8Array }

/** A grant is good for exactly the revisions it was sealed from. */
type Kept = {
  readonly sealed: SealedGrant
  readonly rev: number
  readonly credentialRev: number
  /** Milliseconds since 1970. */
  readonly sealedAt: number
}

/**
 * The until-quit grants: sealed credentials of the jobs that may run while the vault is locked. The agent key exists only
 * in this process's memory and opens nothing but these grants; nothing of it is written anywhere.
 */
export type GrantBook = {
  /**
   * Seals anew what every until-quit job of this device needs. Call after each unlock and each change. A job that cannot be
   * granted (its folder is unknown here) just has none; never rejects for one job.
   */
  refresh(vault: VaultApi, jobs: readonly ProjectedJob[], device: string): Promise<void>
  /** For one start now, whatever the job says about locked vaults. */
  issue(vault: VaultApi, jobId: string): Promise<OpenableGrant>
  /** Seals by another method of the vault (test, listing, draft). */
  issueWith(seal: (options: GrantOptions) => Promise<SealedGrant>): Promise<OpenableGrant>
  /** A grant kept from the last refresh; null when the job has none, or it or its credential changed since. */
  take(job: ProjectedJob): OpenableGrant | null
  /** Ends all grants: wipes the agent key. Later `refresh` starts with a new one. */
  forget(): void
}

/** The book has an identity: one agent key, and what it opens. */
class MemoryGrantBook implements GrantBook {
  readonly #ports: { readonly clock: Clock; readonly random: Random; readonly log: Logger }
  #agentKey: Uint8Array
  #kept = new Map<string, Kept>()
  #last: Promise<void> = Promise.resolve()

  constructor(ports: { clock: Clock; random: Random; log: Logger }) {
    this.#ports = ports
    this.#agentKey = ports.random.bytes(32)
  }

  refresh(vault: VaultApi, jobs: readonly ProjectedJob[], device: string): Promise<void> {
    const wanted = jobs.filter(
      (job) =>
        job.enabled && job.device === device && job.whenLocked === 'until-quit' && job.schedule !== 'manual',
    )
    // One after the other: two at once could finish in the wrong order and keep the older grants.
    this.#last = this.#last.then(() => this.#seal(vault, wanted))
    return this.#last
  }

  async #seal(vault: VaultApi, jobs: readonly ProjectedJob[]): Promise<void> {
    const key = this.#agentKey
    const ids = new Set(jobs.map((job) => job.id))
    for (const id of this.#kept.keys()) if (!ids.has(id)) this.#kept.delete(id)
    for (const job of jobs) {
      const kept = this.#kept.get(job.id)
      const now = this.#ports.clock.now()
      if (kept !== undefined && isCurrent(kept, job) && now - kept.sealedAt < grantFreshMs) continue
      this.#kept.delete(job.id)
      try {
        const sealed = await vault.grantJob(job.id, this.#options())
        // `forget` may have happened meanwhile; a grant under a wiped key would only fail later.
        if (key !== this.#agentKey) return
        this.#kept.set(job.id, { sealed, rev: job.rev, credentialRev: job.credentialRev, sealedAt: now })
      } catch (error) {
        const code = error instanceof AppError ? error.code : 'internal'
        this.#ports.log.warn('grants.not-sealed', { job: job.id, code })
        if (code === 'locked') return
      }
    }
  }

  async issue(vault: VaultApi, jobId: string): Promise<OpenableGrant> {
    return this.#openable(await vault.grantJob(jobId, this.#options()))
  }

  async issueWith(seal: (options: GrantOptions) => Promise<SealedGrant>): Promise<OpenableGrant> {
    return this.#openable(await seal(this.#options()))
  }

  take(job: ProjectedJob): OpenableGrant | null {
    const kept = this.#kept.get(job.id)
    return kept !== undefined && isCurrent(kept, job) ? this.#openable(kept.sealed) : null
  }

  forget(): void {
    this.#kept = new Map()
    this.#agentKey.fill(0)
    this.#agentKey = this.#ports.random.bytes(32)
  }

  /** The vault wipes the copy it is given; ours lives on. */
  #options(): GrantOptions {
    return { agentKey: this.#agentKey.slice(), notAfter: this.#ports.clock.now() + grantLifeMs }
  }

  #openable(sealed: SealedGrant): OpenableGrant {
    return { sealed, grantKey: deriveGrantKey(this.#agentKey, sealed) }
  }
}

function isCurrent(kept: Kept, job: ProjectedJob): boolean {
  return kept.rev === job.rev && kept.credentialRev === job.credentialRev
}

export function createGrantBook(ports: { clock: Clock; random: Random; log: Logger }): GrantBook {
  return new MemoryGrantBook(ports)
}

/** Throws AppError('no-grant') when `grant` is null. */
export function requireGrant(grant: OpenableGrant | null): OpenableGrant {
  if (grant === null) throw new AppError('no-grant', 'no grant for this job')
  return grant
}
