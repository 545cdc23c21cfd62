import { AppError } from '../../model/app-error.ts'
import { AuditDetail } from '../../model/audit.ts'
import type { AuditPage, AuditQuery } from '../../model/audit.ts'
import { concatBytes, utf8, wipe } from '../crypto/bytes.ts'
import { checkChain, lineHash, NOTHING, openLine, readHead, sealLine, writeHead } from './audit-chain.ts'
import type { AuditEnd, AuditHead, AuditPlace } from './audit-chain.ts'
import { isoTime } from './transaction.ts'
import type { VaultPorts } from './vault-ports.ts'

export const AUDIT_PATH = 'device/audit.jsonl'
/** The lines before those of {@link AUDIT_PATH}; its own are dropped when it is replaced. */
export const AUDIT_OLDER_PATH = 'device/audit.1.jsonl'
export const AUDIT_HEAD_PATH = 'device/audit-head.json'
/** A record under a key that the vault does not have any more. */
export const AUDIT_UNREADABLE_PATH = 'device/audit.unreadable.jsonl'

/** Of one file; with the one before it at least this much is kept. */
export const MAX_AUDIT_BYTES = 1024 * 1024
const READ_BYTES = 2 * MAX_AUDIT_BYTES
const MAX_PENDING = 200
const LINE_FEED = 0x0a

export type Happened = Partial<Omit<AuditDetail, 'time' | 'note' | 'missed'>> & Pick<AuditDetail, 'event'>

/** Answers the place of the open vault with a copy of the key, which is wiped here. */
export type FindPlace = () => Promise<AuditPlace>

/** The record of what was done with the credentials, on this device. */
export type AuditLog = {
  /**
   * Appends an entry, on disk when the promise resolves unless `batched`. Never rejects: a full disk must not keep a person from a
   * password, so what cannot be written waits in memory, is logged, counted in the page and written with the next entry that can.
   */
  note(place: FindPlace, happened: Happened, options?: { readonly batched?: boolean }): Promise<void>
  /** Follows the whole chain and answers one page of it. */
  page(place: FindPlace, query: AuditQuery): Promise<AuditPage>
}

type Ports = Pick<VaultPorts, 'files' | 'lock' | 'clock' | 'random' | 'log' | 'pacer'>

export function createAuditLog(ports: Ports): AuditLog {
  let pending: AuditDetail[] = []
  let missed = 0
  const flush = async (findPlace: FindPlace, isSynced: boolean): Promise<void> => {
    const place = await findPlace()
    try {
      await ports.lock.hold('audit', async () => {
        while (pending[0] !== undefined) {
          await append(ports, place, { ...pending[0], missed }, isSynced)
          pending = pending.slice(1)
          missed = 0
        }
      })
    } finally {
      wipe(place.key)
    }
  }
  return {
    async note(findPlace, happened, { batched = false } = {}) {
      pending.push(AuditDetail.parse({ ...happened, time: isoTime(ports.clock) }))
      if (pending.length > MAX_PENDING) {
        pending = pending.slice(1)
        missed += 1
      }
      try {
        await flush(findPlace, !batched)
      } catch (error) {
        ports.log.warn('audit.not-written', { code: error instanceof AppError ? error.code : 'internal' })
      }
    },
    async page(findPlace, query) {
      const place = await findPlace()
      try {
        const { lines, head, isCut } = await ports.lock.hold('audit', () => readAll(ports, place))
        const { entries, problems, torn } = await checkChain(place, lines, head, ports.pacer())
        const wanted = entries
          .filter(({ n }) => query.before === null || n < query.before)
          .filter(({ credential }) => query.credential === null || credential?.id === query.credential)
          .reverse()
        return {
          entries: wanted.slice(0, query.limit),
          more: wanted.length > query.limit,
          total: entries.length,
          problems: [...problems],
          torn: torn || isCut,
          unwritten: pending.length + missed,
        }
      } finally {
        wipe(place.key)
      }
    },
  }
}

/**
 * Begins a record under a new key. Before the key is in the vault, so that a vault with a key always has a head beside it, and
 * one without tells that it was taken away.
 */
export async function startAudit({ files }: Pick<VaultPorts, 'files'>, place: AuditPlace): Promise<void> {
  const lines = [await files.read(AUDIT_OLDER_PATH, READ_BYTES), await files.read(AUDIT_PATH, READ_BYTES)]
  const kept = concatBytes(...lines.flatMap((bytes) => (bytes === null ? [] : [bytes])))
  if (kept.byteLength > 0) await files.writeDurably(AUDIT_UNREADABLE_PATH, kept)
  await files.remove(AUDIT_PATH)
  await files.remove(AUDIT_OLDER_PATH)
  await files.writeDurably(AUDIT_HEAD_PATH, writeHead(place, { first: 1, ...NOTHING }))
}

type Found = {
  readonly lines: readonly string[]
  readonly head: AuditHead | null
  /** The last line has no end. */
  readonly isCut: boolean
}

async function readAll({ files }: Ports, place: AuditPlace): Promise<Found> {
  const older = splitLines(await files.read(AUDIT_OLDER_PATH, READ_BYTES))
  const newer = splitLines(await files.read(AUDIT_PATH, READ_BYTES))
  const headBytes = await files.read(AUDIT_HEAD_PATH, READ_BYTES)
  // A kill in the middle of a rotation leaves lines in both files.
  const again = new Set(newer.lines)
  return {
    lines: [...older.lines.filter((line) => !again.has(line)), ...newer.lines],
    head: headBytes === null ? null : readHead(place, headBytes),
    isCut: newer.isCut,
  }
}

function splitLines(bytes: Uint8Array | null): {
  readonly lines: readonly string[]
  readonly isCut: boolean
} {
  if (bytes === null) return { lines: [], isCut: false }
  // What is not UTF-8 becomes a line that does not open.
  const parts = new TextDecoder().decode(bytes).split('\n')
  const rest = parts.pop()
  return { lines: parts, isCut: rest !== undefined && rest !== '' }
}

/** Where the next line goes: after the last true one, if that is at or beyond what the head vouches for. */
type Tail = {
  readonly end: AuditEnd
  /** Bytes of the file to keep; behind them lies what a crash left. */
  readonly keep: number
  readonly note: AuditDetail['note']
  readonly bytes: Uint8Array
}

async function append(
  ports: Ports,
  place: AuditPlace,
  detail: AuditDetail,
  isSynced: boolean,
): Promise<void> {
  const { files, random } = ports
  const headBytes = await files.read(AUDIT_HEAD_PATH, READ_BYTES)
  const head = headBytes === null ? null : readHead(place, headBytes)
  const tail = findTail(place, (await files.read(AUDIT_PATH, READ_BYTES)) ?? new Uint8Array(0), head)
  const text = sealLine(place, tail.end, { ...detail, note: tail.note }, random)
  const line = utf8(`${text}\n`)
  let first = head?.first ?? tail.end.n + 1
  if (tail.keep + line.byteLength > MAX_AUDIT_BYTES) {
    first = await rotate(ports, place, tail, head)
    await files.writeDurably(AUDIT_PATH, line)
  } else {
    await files.append(AUDIT_PATH, tail.keep, line, { isSynced })
  }
  // After the line: a kill in between leaves a line too many, which is true all the same, and never one too few.
  if (isSynced) {
    const next = { first, n: tail.end.n + 1, hash: lineHash(text) }
    await files.writeDurably(AUDIT_HEAD_PATH, writeHead(place, next))
  }
}

/** Moves the file behind the older one's name; the head says first that what was there before may be gone. */
async function rotate(
  { files }: Ports,
  place: AuditPlace,
  tail: Tail,
  head: AuditHead | null,
): Promise<number> {
  const { lines } = splitLines(tail.bytes.subarray(0, tail.keep))
  const first = lines[0] === undefined ? null : openLine(place, lines[0])
  const next = { ...(head ?? tail.end), first: first?.n ?? tail.end.n + 1 }
  await files.writeDurably(AUDIT_HEAD_PATH, writeHead(place, next))
  await files.writeDurably(AUDIT_OLDER_PATH, tail.bytes.subarray(0, tail.keep))
  return next.first
}

function findTail(place: AuditPlace, bytes: Uint8Array, head: AuditHead | null): Tail {
  const whole = bytes.lastIndexOf(LINE_FEED) + 1
  let end = whole
  while (end > 0) {
    const start = bytes.lastIndexOf(LINE_FEED, end - 2) + 1
    const text = new TextDecoder().decode(bytes.subarray(start, end - 1))
    const line = openLine(place, text)
    if (line !== null && line.detail !== null && line.n >= (head?.n ?? 0)) {
      const note = head === null ? 'lost' : end < bytes.byteLength ? 'torn' : null
      return { end: { n: line.n, hash: lineHash(text) }, keep: end, note, bytes }
    }
    end = start
  }
  if (head === null) return { end: NOTHING, keep: whole, note: 'lost', bytes }
  // Nothing is missing yet when nothing was ever written, or a rotation was cut short; else the gap stays to be seen.
  const isFresh = head.n === 0 && bytes.byteLength > 0
  return { end: head, keep: isFresh ? 0 : whole, note: isFresh ? 'torn' : null, bytes }
}
