import { nodeRandom } from '../../../../main/adapters/node-random.ts'
import { fromUtf8, utf8 } from '../../../../main/core/crypto/bytes.ts'
import type { FileStore } from '../../../../main/core/ports/file-store.ts'
import type { HomeLock } from '../../../../main/core/ports/lock.ts'
import type { LogFields, Logger } from '../../../../main/core/ports/logger.ts'
import { createPacer } from '../../../../main/core/vault/pacer.ts'
import { createVault } from '../../../../main/core/vault/vault.ts'
import type { VaultApi } from '../../../../main/core/vault/vault-api.ts'
import type { VaultPorts } from '../../../../main/core/vault/vault-ports.ts'
import type { CredentialDraft } from '../../../../main/model/credential.ts'
import type { JobDraft } from '../../../../main/model/job.ts'
import { createFakeClock } from '../../../helpers/fake-clock.ts'
import type { FakeClock } from '../../../helpers/fake-clock.ts'
import { createMemoryFileStore } from '../../../helpers/memory-file-store.ts'
import type { MemoryFileStore } from '../../../helpers/memory-file-store.ts'
import { quickDerive } from '../../../helpers/quick-derive.ts'

export { quickDerive }

export const PASSWORD = 'correct horse battery'
/** The least a vault may be written with: every derivation of a test costs it. */
export const ITERATIONS = 600_000

export type Kit = {
  readonly files: MemoryFileStore
  readonly clock: FakeClock
  readonly lines: { level: keyof Logger; event: string; fields: LogFields }[]
  readonly ports: VaultPorts
  /** Password bytes as every derivation was given them, in order. */
  readonly derived: string[]
  /** Another process on the same home. */
  readonly open: (changes?: Partial<VaultPorts>) => VaultApi
  readonly read: (path: string) => string
  readonly write: (path: string, text: string) => void
}

/** A home in memory. Derivations are real unless `changes` says otherwise, and counted in every case. */
export async function createKit(changes: Partial<VaultPorts> = {}): Promise<Kit> {
  const files = createMemoryFileStore()
  await files.makeFolder('device')
  const clock = createFakeClock()
  const lines: Kit['lines'] = []
  const derived: string[] = []
  const derive = changes.derive ?? quickDerive
  const ports: VaultPorts = {
    files,
    lock: createMemoryLock(),
    clock,
    random: nodeRandom,
    log: createMemoryLog(lines),
    home: '/home',
    deviceLabel: 'desk',
    machineIdHash: 'a'.repeat(64),
    estimateMs: () => Promise.resolve(250),
    pacer: () => createPacer({ monotonic: () => performance.now(), yieldToLoop }),
    keepsIndex: false,
    modifiedMs: (path) => files.modifiedMs(path),
    ...changes,
    derive: (input) => {
      derived.push(fromUtf8(input.password))
      return derive(input)
    },
  }
  return {
    files,
    clock,
    lines,
    ports,
    derived,
    open: (own = {}) => createVault({ ...ports, ...own }),
    read: (path) => fromUtf8(files.content.get(path) ?? new Uint8Array()),
    write: (path, text) => void files.content.set(path, utf8(text)),
  }
}

/** A kit with a vault that is unlocked. */
export async function createUnlocked(
  changes: Partial<VaultPorts> = {},
): Promise<Kit & { readonly vault: VaultApi }> {
  const kit = await createKit(changes)
  const vault = kit.open()
  await vault.init(utf8(PASSWORD), { iterations: ITERATIONS })
  return { ...kit, vault }
}

export function unlock(vault: VaultApi, password = PASSWORD): Promise<void> {
  return vault.unlock({ password: utf8(password) }, {})
}

/** The code of the error a promise rejects with, null when it resolves. */
export async function codeOf(promise: Promise<unknown>): Promise<string | null> {
  try {
    await promise
    return null
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

export function credential(name: string, changes: Partial<CredentialDraft> = {}): CredentialDraft {
  return {
    name,
    type: 'sftp',
    fields: { host: 'nas.example', user: 'ana' },
    hostKey: null,
    tags: [],
    ...changes,
  }
}

export function job(name: string, credentialId: string, changes: Partial<JobDraft> = {}): JobDraft {
  return {
    name,
    credential: credentialId,
    local: '/home/ana/photos',
    remote: 'photos',
    mode: 'copy',
    direction: 'push',
    schedule: 'manual',
    zone: 'Europe/Berlin',
    enabled: true,
    whenLocked: 'until-quit',
    filters: [],
    maxDelete: null,
    safety: null,
    ...changes,
  }
}

/** Locks of one machine, shared by every vault of a kit. */
export function createMemoryLock(): HomeLock {
  const tails = new Map<string, Promise<unknown>>()
  return {
    hold(name, work) {
      const result = (tails.get(name) ?? Promise.resolve()).then(work, work)
      tails.set(
        name,
        result.catch(() => null),
      )
      return result
    },
  }
}

function createMemoryLog(lines: Kit['lines']): Logger {
  const write =
    (level: keyof Logger) =>
    (event: string, fields: LogFields = {}) => {
      lines.push({ level, event, fields })
    }
  return { info: write('info'), warn: write('warn'), error: write('error') }
}

function yieldToLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A file store that dies with the nth durable write or removal: that one and everything after it never happens. */
export function dyingAt(files: FileStore, nth: number): FileStore {
  let writes = 0
  const dead = (): Promise<never> => Promise.reject(new Error('killed'))
  return {
    ...files,
    writeDurably: (path, bytes, options) => {
      writes += 1
      return writes >= nth ? dead() : files.writeDurably(path, bytes, options)
    },
    remove: (path) => {
      writes += 1
      return writes >= nth ? dead() : files.remove(path)
    },
  }
}
