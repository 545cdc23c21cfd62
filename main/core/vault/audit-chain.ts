import * as z from 'zod'
import { AuditDetail } from '../../model/audit.ts'
import type { AuditEntry, AuditProblem } from '../../model/audit.ts'
import { fromBase64Url, fromHex, fromUtf8, toBase64Url, toHex, utf8, wipe } from '../crypto/bytes.ts'
import { CryptoError } from '../crypto/crypto-error.ts'
import { fernetDecrypt, fernetEncrypt } from '../crypto/fernet.ts'
import { contextInfo, hkdfSha256 } from '../crypto/hkdf.ts'
import { hmacSha256, isHmacSha256, sha256Hex } from '../crypto/sha256.ts'
import type { Random } from '../ports/random.ts'
import { parseStrictJson, StrictJsonError } from '../store/strict-json.ts'
import { canonicalJson, parseCanonicalJson } from './canonical-json.ts'
import type { Pacer } from './pacer.ts'
import { padded } from './record-parts.ts'
import { KEY_BYTES, MAX_COUNTER, PART_SALT_BYTES } from './vault-limits.ts'

/** Whose record it is, and the key that seals it. The caller wipes the key. */
export type AuditPlace = { readonly key: Uint8Array; readonly vault: string; readonly dev: string }

/** The newest entry: its number, 0 = none yet, and the hash of its line. */
export type AuditEnd = { readonly n: number; readonly hash: string }

/** Where the record begins and ends, kept beside it under a MAC, so that lines missing at either end show. */
export type AuditHead = AuditEnd & { readonly first: number }

export const NOTHING: AuditEnd = { n: 0, hash: '0'.repeat(64) }

const IV_BYTES = 16
const MAX_LINE_CHARS = 16_384
const Hash = z.string().regex(/^[0-9a-f]{64}$/)
const Line = z.strictObject({
  v: z.literal(1),
  n: z.int().min(1).max(MAX_COUNTER),
  prev: Hash,
  salt: z.string().max(64),
  token: z.string().max(MAX_LINE_CHARS),
})
const Head = z.strictObject({
  v: z.literal(1),
  first: z.int().min(1).max(MAX_COUNTER),
  n: z.int().min(0).max(MAX_COUNTER),
  hash: Hash,
  mac: Hash,
})

/**
 * The line that follows `end`, without a line feed. In clear are its number, the hash of the line before and a salt; what happened
 * is sealed under a key that these are part of, so that a line opens in its one place of one record and nowhere else.
 */
export function sealLine(place: AuditPlace, end: AuditEnd, detail: AuditDetail, random: Random): string {
  const salt = random.bytes(PART_SALT_BYTES)
  const n = end.n + 1
  const key = lineKey(place, { n, prev: end.hash, salt })
  const plaintext = padded(detail)
  try {
    const token = fernetEncrypt(key, plaintext, { iv: random.bytes(IV_BYTES), timestamp: 0 })
    return canonicalJson({ v: 1, n, prev: end.hash, salt: toBase64Url(salt), token })
  } finally {
    wipe(key, plaintext)
  }
}

/** A line as it lies there. `detail` null = it does not open here. */
export type ReadLine = { readonly n: number; readonly prev: string; readonly detail: AuditDetail | null }

/** Null when it is no line of ours. */
export function openLine(place: AuditPlace, text: string): ReadLine | null {
  const parsed = Line.safeParse(parseCanonicalJson(text))
  if (!parsed.success) return null
  const { n, prev, salt, token } = parsed.data
  let key: Uint8Array | null = null
  try {
    key = lineKey(place, { n, prev, salt: fromBase64Url(salt) })
    const plaintext = fernetDecrypt(key, token)
    const detail = AuditDetail.safeParse(JSON.parse(fromUtf8(plaintext)))
    wipe(plaintext)
    return { n, prev, detail: detail.success ? detail.data : null }
  } catch (error) {
    if (!(error instanceof CryptoError) && !(error instanceof SyntaxError)) throw error
    return { n, prev, detail: null }
  } finally {
    if (key !== null) wipe(key)
  }
}

export function lineHash(text: string): string {
  return sha256Hex(utf8(text))
}

export function writeHead(place: AuditPlace, { first, n, hash }: AuditHead): Uint8Array {
  const head = { v: 1, first, n, hash }
  return utf8(`${canonicalJson({ ...head, mac: toHex(headMac(place, head)) })}\n`)
}

/** Null when it is not what a holder of the key wrote. */
export function readHead(place: AuditPlace, bytes: Uint8Array): AuditHead | null {
  const parsed = Head.safeParse(parseHead(bytes))
  if (!parsed.success) return null
  const { mac, ...head } = parsed.data
  const key = headKey(place)
  const isTrue = isHmacSha256(key, utf8(canonicalJson(head)), fromHex(mac))
  wipe(key)
  return isTrue ? head : null
}

export type CheckedChain = {
  /** Every entry that opens, oldest first, whatever is wrong around it. */
  readonly entries: readonly AuditEntry[]
  readonly problems: readonly AuditProblem[]
  /** Lines after the last true one, which a crash may leave beyond what the head vouches for. */
  readonly torn: boolean
}

/** Follows the chain through `lines` (complete ones, oldest first) and compares its ends with `head`. */
export async function checkChain(
  place: AuditPlace,
  lines: readonly string[],
  head: AuditHead | null,
  pacer: Pacer,
): Promise<CheckedChain> {
  const walk = startWalk(head)
  for (const text of lines) {
    walk.step(openLine(place, text), lineHash(text))
    const rest = pacer.rest()
    if (rest !== null) await rest
  }
  const { entries, problems, settled, end, hashAtHead } = walk.result()
  if (head === null) return { entries, problems: [...problems, { n: null, what: 'head' }], torn: false }
  if (end.n < head.n) return { entries, problems: [...problems, { n: end.n + 1, what: 'cut' }], torn: false }
  const isOtherEnd = hashAtHead !== null && hashAtHead !== head.hash
  const told: AuditProblem[] = problems.slice(0, settled)
  if (isOtherEnd) told.push({ n: head.n, what: 'edited' })
  return { entries, problems: told, torn: problems.length > settled }
}

type Walked = Pick<CheckedChain, 'entries' | 'problems'> & {
  /** How many of the problems come before the last entry that opens; what is behind it may be of a crash. */
  readonly settled: number
  readonly end: AuditEnd
  /** Of the line that bears the number of the head; null when none does. */
  readonly hashAtHead: string | null
}

function startWalk(head: AuditHead | null): {
  step(line: ReadLine | null, hash: string): void
  result(): Walked
} {
  const entries: AuditEntry[] = []
  const problems: AuditProblem[] = []
  const first = head?.first ?? 1
  let last: AuditEnd | null = null
  let isAfterBad = false
  let settled = 0
  let hashAtHead: string | null = null
  return {
    step(line, hash) {
      if (line?.detail === null || line === null) {
        problems.push({ n: line?.n ?? (last?.n ?? 0) + 1, what: 'edited' })
        isAfterBad = true
        return
      }
      const { n, detail } = line
      const what = linkProblem(line, last, { isAfterBad, first })
      if (what !== null) problems.push({ n, what })
      if (detail.note === 'lost') problems.push({ n, what: 'lost' })
      entries.push({ ...detail, n })
      last = { n, hash }
      if (n === head?.n) hashAtHead = hash
      isAfterBad = false
      settled = problems.length
    },
    result: () => ({ entries, problems, settled, end: last ?? NOTHING, hashAtHead }),
  }
}

type LinkContext = { readonly isAfterBad: boolean; readonly first: number }

function linkProblem(
  { n, prev }: ReadLine,
  last: AuditEnd | null,
  { isAfterBad, first }: LinkContext,
): AuditProblem['what'] | null {
  if (last === null) return n > first && !isAfterBad ? 'removed' : null
  if (n <= last.n) return 'moved'
  // The hash of a line that was edited is unknown; that it was has been said.
  if (isAfterBad) return null
  return n === last.n + 1 && prev === last.hash ? null : 'removed'
}

function lineKey(
  { key, vault, dev }: AuditPlace,
  { n, prev, salt }: { readonly n: number; readonly prev: string; readonly salt: Uint8Array },
): Uint8Array {
  const info = contextInfo('fernsync/1', 'audit', vault, dev, String(n), prev)
  return hkdfSha256({ key, salt, info, length: KEY_BYTES })
}

function headKey({ key, vault, dev }: AuditPlace): Uint8Array {
  const info = contextInfo('fernsync/1', 'audit-head', vault, dev)
  return hkdfSha256({ key, salt: new Uint8Array(0), info, length: KEY_BYTES })
}

function headMac(place: AuditPlace, head: Readonly<Record<string, unknown>>): Uint8Array {
  const key = headKey(place)
  const mac = hmacSha256(key, utf8(canonicalJson(head)))
  wipe(key)
  return mac
}

function parseHead(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes, { maxBytes: 1024 })
  } catch (error) {
    if (error instanceof StrictJsonError) return null
    throw error
  }
}
