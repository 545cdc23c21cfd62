import * as z from 'zod'
import { AppError } from '../../model/app-error.ts'
import { AuditPage } from '../../model/audit.ts'
import { isErrorCode } from '../../model/error-codes.ts'
import { SealedGrant } from '../../model/grant.ts'
import { DeviceId } from '../../model/ids.ts'
import { JobDefinition } from '../../model/job.ts'
import { ListedCredential } from '../../model/listed-credential.ts'
import { RevisionInfo } from '../../model/revision.ts'
import { VaultSettings, VaultStatus } from '../../model/vault.ts'
import { CheckProgress, VaultCheck } from '../../model/vault-check.ts'
import { wipe } from '../crypto/bytes.ts'
import type { Logger } from '../ports/logger.ts'
import type { ChildProcess } from '../ports/worker-host.ts'
import type { VaultApi } from './vault-api.ts'
import { locked } from './vault-errors.ts'
import { VaultMessage } from './vault-protocol.ts'

export type VaultClient = VaultApi & {
  /** Calls `listener` once when the process has ended, however it ended. Its keys are gone with it. */
  onGone(listener: () => void): void
  /** Ends the process at once and resolves when it is gone. Whatever a mutation had acknowledged is on disk. Idempotent. */
  end(): Promise<void>
}

const Changed = z.object({ id: z.string(), name: z.string(), rev: z.int() })
const Bytes = z.instanceof(Uint8Array)
const CacheableKey = z.object({ vault: z.string(), slot: z.string(), saltHash: z.string(), kek: Bytes })
const PreparedRecoveryKey = z.object({ key: Bytes, ask: z.tuple([z.int(), z.int()]) })
const RotateProgress = z.object({ done: z.int(), total: z.int() })
/** A job of another device has no folder here. */
const ListedJob = JobDefinition.extend({ local: z.string() })

/**
 * The vault in a process of its own, used like one in this process. Byte arrays of a call are wiped here as soon as they are
 * sent; every call in flight or made later rejects with AppError('locked') once the process has ended.
 */
export function createVaultClient(child: ChildProcess, log: Logger): VaultClient {
  const { call, list, onGone, end } = createCaller(child, log)
  return {
    status: async () => VaultStatus.parse(await call('status', [])),
    deviceId: async () => DeviceId.nullable().parse(await call('deviceId', [])),
    init: (password, options) => none(call('init', [password, options])),
    unlock: (input, options) => none(call('unlock', [input, options])),
    lock: () => none(call('lock', [])),
    changePassword: (proof, next, kdf) =>
      none(call('changePassword', kdf === undefined ? [proof, next] : [proof, next, kdf])),
    prepareRecoveryKey: async () => PreparedRecoveryKey.parse(await call('prepareRecoveryKey', [])),
    addRecoveryKey: (proof, typed) => none(call('addRecoveryKey', [proof, typed])),
    newKeyFile: async () => Bytes.parse(await call('newKeyFile', [])),
    setKeyFile: (proof, keyFile) => none(call('setKeyFile', [proof, keyFile])),
    removeSlot: (id, proof) => none(call('removeSlot', [id, proof])),
    rotateKey: ({ onProgress, ...options }) =>
      none(
        call('rotateKey', [options], (items) => {
          for (const item of items) onProgress?.(RotateProgress.parse(item))
        }),
      ),
    cancelRotation: () => none(call('cancelRotation', [])),
    restore: (generation) => none(call('restore', [generation])),
    setAside: async () => z.string().parse(await call('setAside', [])),
    ...exporting(call),
    verify: async ({ onProgress, ...options }) =>
      VaultCheck.parse(
        await call('verify', [options], (items) => {
          for (const item of items) onProgress?.(CheckProgress.parse(item))
        }),
      ),
    settings: async () => VaultSettings.parse(await call('settings', [])),
    changeSettings: async (patch) => VaultSettings.parse(await call('changeSettings', [patch])),
    listCredentials: () => list('listCredentials', ListedCredential),
    addCredential: async (draft, secrets) => Changed.parse(await call('addCredential', [draft, secrets])),
    addCredentials: (drafts) => list('addCredentials', Changed, [drafts]),
    editCredential: async (id, patch, secrets) =>
      Changed.parse(await call('editCredential', [id, patch, secrets])),
    removeCredential: async (id) => Changed.parse(await call('removeCredential', [id])),
    revealSecret: async (id, field, use) =>
      Bytes.parse(await call('revealSecret', use === undefined ? [id, field] : [id, field, use])),
    noteAudit: (note) => none(call('noteAudit', [note])),
    auditEntries: async (query) => AuditPage.parse(await call('auditEntries', [query])),
    ...pastCalls({ call, list }),
    epoch: async () => z.int().parse(await call('epoch', [])),
    listJobs: () => list('listJobs', ListedJob),
    addJob: async (draft) => Changed.parse(await call('addJob', [draft])),
    editJob: async (id, patch) => Changed.parse(await call('editJob', [id, patch])),
    removeJob: async (id) => Changed.parse(await call('removeJob', [id])),
    deviceLabels: async () => z.record(DeviceId, z.string()).parse(await call('deviceLabels', [])),
    grantJob: async (id, options) => SealedGrant.parse(await call('grantJob', [id, options])),
    grantCredential: async (id, options) => SealedGrant.parse(await call('grantCredential', [id, options])),
    grantDraft: async (draft, secrets, options) =>
      SealedGrant.parse(await call('grantDraft', [draft, secrets, options])),
    onGone,
    end,
  }
}

async function none(result: Promise<unknown>): Promise<void> {
  await result
}

/** Calls about old revisions. */
function pastCalls({
  call,
  list,
}: Pick<Caller, 'call' | 'list'>): Pick<
  VaultApi,
  'listRevisions' | 'revealRevision' | 'restoreRevision' | 'purgeRevisions'
> {
  return {
    listRevisions: (id) => list('listRevisions', RevisionInfo, [id]),
    revealRevision: async (id, rev, field, use) =>
      Bytes.parse(await call('revealRevision', use === undefined ? [id, rev, field] : [id, rev, field, use])),
    restoreRevision: async (id, rev) => Changed.parse(await call('restoreRevision', [id, rev])),
    purgeRevisions: async (id) => z.int().parse(await call('purgeRevisions', [id])),
  }
}

function exporting(
  call: Caller['call'],
): Pick<VaultApi, 'confirmPassword' | 'exportFile' | 'exportCacheableKey'> {
  return {
    async confirmPassword(proof) {
      await call('confirmPassword', [proof])
    },
    exportFile: async () => Bytes.parse(await call('exportFile', [])),
    exportCacheableKey: async () => CacheableKey.parse(await call('exportCacheableKey', [])),
  }
}

type Method = keyof VaultApi

type Waiting = {
  readonly onPart: (items: readonly unknown[]) => void
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type Caller = {
  readonly onGone: (listener: () => void) => void
  readonly end: () => Promise<void>
  readonly call: (
    method: Method,
    args: readonly unknown[],
    /** What arrives before the result: how far a long call is. */
    onPart?: Waiting['onPart'],
  ) => Promise<unknown>
  /** Parses each part when it arrives. */
  readonly list: <T>(method: Method, item: z.ZodType<T>, args?: readonly unknown[]) => Promise<readonly T[]>
}

function createCaller(child: ChildProcess, log: Logger): Caller {
  const waiting = new Map<number, Waiting>()
  const gone = Promise.withResolvers<void>()
  let isGone = false
  let lastId = 0

  child.onMessage((raw) => {
    const parsed = VaultMessage.safeParse(raw)
    if (!parsed.success) log.error('vault-client.bad-message')
    else if (parsed.data.type === 'log') log[parsed.data.level](parsed.data.event, parsed.data.fields)
    else deliver(waiting, parsed.data)
  })
  child.onExit(() => {
    isGone = true
    for (const { reject } of waiting.values()) reject(locked())
    waiting.clear()
    gone.resolve()
  })

  const send = (
    method: Method,
    args: readonly unknown[],
    onPart: Waiting['onPart'] = () => {},
  ): Promise<unknown> => {
    if (isGone) {
      wipeBytes(args)
      return Promise.reject(locked())
    }
    lastId += 1
    const id = lastId
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    waiting.set(id, { onPart, resolve, reject })
    try {
      child.post({ id, method, args })
    } finally {
      wipeBytes(args)
    }
    return promise
  }
  return {
    call: send,
    async list(method, item, args = []) {
      const items: z.output<typeof item>[] = []
      await send(method, args, (part) => {
        items.push(...z.array(item).parse(part))
      })
      return items
    },
    onGone: (listener) => {
      void gone.promise.then(listener)
    },
    end() {
      child.kill()
      return gone.promise
    },
  }
}

function deliver(waiting: Map<number, Waiting>, message: Exclude<VaultMessage, { type: 'log' }>): void {
  const call = waiting.get(message.id)
  if (call === undefined) return
  try {
    if (message.type === 'part') {
      call.onPart(message.items)
      return
    }
    if (message.type === 'result') call.resolve(message.value)
    else call.reject(toAppError(message.error))
  } catch (error) {
    call.reject(error)
  }
  waiting.delete(message.id)
}

function toAppError({ code, message, details }: Extract<VaultMessage, { type: 'error' }>['error']): AppError {
  return new AppError(isErrorCode(code) ? code : 'internal', message, { details })
}

/** Wipes byte arrays anywhere in the arguments of a call: they have been copied into the message. */
function wipeBytes(value: unknown): void {
  if (value instanceof Uint8Array) wipe(value)
  else if (typeof value === 'object' && value !== null) Object.values(value).forEach(wipeBytes)
}
