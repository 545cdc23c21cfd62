import type { DeviceState } from './device-memory.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import { forgetLocalPast, liveLocalRecords, writeLocalFields } from './local-data.ts'
import type { LocalFile } from './local-file.ts'
import type { OpenRecord, OpenRecords } from './open-records.ts'
import type { RecordEntry } from './record-file.ts'
import { SecretPayload } from './record-kinds.ts'
import type { AnyMeta } from './record-kinds.ts'
import { openPart } from './record-parts.ts'
import type { Payload } from './record-parts.ts'
import type { StoredRecord } from './record-schema.ts'
import { writeForgotten, writeRevision, writeTombstone } from './revisions.ts'
import type { Writer } from './revisions.ts'
import type { Session } from './session.ts'
import type { Slot } from './slots.ts'
import type { Changed } from './vault-api.ts'
import { damaged } from './vault-errors.ts'
import type { VaultFile } from './vault-file.ts'

/** What is on disk now, verified, with the lists decrypted. */
export type View = {
  readonly device: DeviceState
  readonly file: VaultFile
  /** Null when this device has no data of its own yet. */
  readonly local: LocalFile | null
  readonly open: OpenRecords
}

/** One change of the vault, computed under the lock on the file just read; written whole or not at all. */
export type Transaction = {
  readonly view: View
  /** Writes a new record, or the next revision of `old`. `meta` needs no `_v`; unknown fields of `old` are kept. */
  put(old: OpenRecord | null, meta: RecordMeta, secret: Payload): Changed
  remove(old: OpenRecord<AnyMeta>): Changed
  /** Sets this device's own data for a record as of its revision `rev`. */
  putLocal(id: string, rev: number, data: NewLocalData): void
  /** Writes a record without its history. `secret` is null for a removed one. */
  forget(entry: RecordEntry, contents: { readonly meta: Payload; readonly secret: Payload | null }): void
  /** Erases what this device's own data of a record were before its revision `rev`; false when there is nothing. */
  forgetLocal(id: string, rev: number): boolean
  /** Has every older copy of the files replaced by the new ones, because it holds what is erased; whatever else changes. */
  replaceCopies(): void
  /** Replaces all device data, sealed already. */
  replaceLocal(records: ReadonlyMap<string, RecordEntry>): void
  /** `purge`: no older copy may be left, because it opens in a way that is gone now. */
  replaceSlots(slots: readonly Slot[], options: { readonly purge: boolean }): void
  /** Writes the file anew although no record changed. */
  touch(): void
}

export type NewLocalData = {
  readonly kind: AnyMeta['_kind']
  readonly fields: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
}

/** `id` of a new record is chosen by the vault. */
export type RecordMeta = Payload & { readonly _kind: AnyMeta['_kind']; readonly title: string }

/** What a transaction leaves to be written; null = unchanged. */
export type Outcome = {
  readonly records: ReadonlyMap<string, RecordEntry> | null
  readonly local: ReadonlyMap<string, RecordEntry> | null
  readonly slots: readonly Slot[] | null
  /** Whether every older copy of the file is replaced by it. */
  readonly purge: boolean
  readonly isTouched: boolean
  /** Whether the older copies of both files are replaced, because they hold what is erased. */
  readonly erases: boolean
}

type Ports = { readonly random: Random; readonly clock: Clock }

/** A transaction on `view`; `outcome` is what it has gathered so far. */
export function createTransaction(
  session: Session,
  view: View,
  ports: Ports,
): { readonly transaction: Transaction; readonly outcome: () => Outcome } {
  const now = isoTime(ports.clock)
  let records: Map<string, RecordEntry> | null = null
  let slots: readonly Slot[] | null = null
  let purge = false
  let isTouched = false
  let erases = false
  const writer = (scope: Writer['scope']): Writer => writerFor(session, view, scope, ports.random)
  const local = createLocalChanges(view, () => writer('local'))
  const set = (entry: RecordEntry): number => {
    records ??= new Map(view.file.records)
    records.set(entry.record.id, entry)
    return entry.record.rev
  }
  const transaction: Transaction = {
    view,
    put(old, meta, secret) {
      const place = { id: old?.entry.record.id ?? ports.random.uuid(), rev: (old?.entry.record.rev ?? 0) + 1 }
      const created = old?.payload['created'] ?? now
      const contents = {
        meta: { ...old?.payload, ...meta, created, changed: now, _v: 1 },
        secret: { ...secret, _v: 1 },
      }
      const rev = set(writeRevision(writer('record'), old?.entry.record ?? null, place, contents))
      return { id: place.id, name: meta.title, rev }
    },
    remove(old) {
      const { _kind, title, created } = old.meta
      const meta = { _v: 1, _kind, title, created, changed: now }
      const rev = set(writeTombstone(writer('record'), old.entry.record, meta))
      return { id: old.entry.record.id, name: title, rev }
    },
    forget(entry, contents) {
      set(writeForgotten(writer('record'), entry.record, contents))
    },
    putLocal: local.put,
    forgetLocal: local.forget,
    replaceCopies() {
      erases = true
    },
    replaceLocal: local.replace,
    replaceSlots(next, options) {
      slots = next
      purge ||= options.purge
    },
    touch() {
      isTouched = true
    },
  }
  return {
    transaction,
    outcome: () => ({ records, local: local.records(), slots, purge, isTouched, erases }),
  }
}

type LocalChanges = {
  readonly put: Transaction['putLocal']
  readonly forget: Transaction['forgetLocal']
  readonly replace: Transaction['replaceLocal']
  readonly records: () => Outcome['local']
}

function createLocalChanges({ local: file, file: vault }: View, writer: () => Writer): LocalChanges {
  let records: Map<string, RecordEntry> | null = null
  const set = (id: string, entry: RecordEntry): void => {
    records ??= liveLocalRecords(file, vault)
    records.set(id, entry)
  }
  const recordOf = (id: string): StoredRecord | null => (records ?? file?.records)?.get(id)?.record ?? null
  return {
    put(id, rev, data) {
      set(id, writeLocalFields(writer(), recordOf(id), { id, rev }, data))
    },
    forget(id, rev) {
      const old = recordOf(id)
      const entry = old === null ? null : forgetLocalPast(old, rev)
      if (entry !== null) set(id, entry)
      return entry !== null
    },
    replace(next) {
      records = new Map(next)
    },
    records: () => records,
  }
}

function writerFor(session: Session, { file, device }: View, scope: Writer['scope'], random: Random): Writer {
  const { vkGen: gen } = file.top
  return { scope, vaultKey: session.vaultKey(), vault: session.vault, dev: device.device, gen, random }
}

/** The secret part of a record. Its strings cannot be wiped: use it and drop it. */
export function openSecret(session: Session, entry: RecordEntry): SecretPayload {
  const { id, rev, dev, secret } = entry.record
  if (secret === undefined) throw damaged('secret missing')
  const place = { scope: 'record', part: 'secret', vault: session.vault, id, rev, dev } as const
  const parsed = SecretPayload.safeParse(openPart(session.vaultKey(), place, secret))
  // Without the parser's cause: it may quote what it read.
  if (!parsed.success) throw damaged('secret of another shape')
  return parsed.data
}

/** The present time as our files write it. */
export function isoTime(clock: Clock): string {
  return new Date(clock.now()).toISOString()
}
