import { compareFiles } from '../../../../main/core/sync/compare.ts'
import type { BaselineRow, CompareRules } from '../../../../main/core/sync/compare.ts'
import { stateOf } from '../../../../main/core/sync/file-state.ts'
import { createFilter } from '../../../../main/core/sync/filters.ts'
import { makePlan } from '../../../../main/core/sync/make-plan.ts'
import type { Settled } from '../../../../main/core/sync/make-plan.ts'
import { scanSide } from '../../../../main/core/sync/scan.ts'
import type { SideScan } from '../../../../main/core/sync/scan.ts'
import { RemoteError } from '../../../../main/core/remote/remote-error.ts'
import { parseRemotePath, pathKey } from '../../../../main/core/remote/remote-path.ts'
import type { ListedEntry, Remote } from '../../../../main/core/remote/remote.ts'

/**
 * A tree as text, one entry per line:
 * `a.txt 3 @1` a file of 3 bytes written at second 1 · `docs/` a folder · `l ->` a link · `?bad` a name that cannot be decoded ·
 * `docs/!` a folder that cannot be listed. Folders above an entry need no line of their own.
 */
export type TreeText = readonly string[]

type Line =
  | { readonly path: string; readonly kind: 'file'; readonly size: number; readonly time: number }
  | { readonly path: string; readonly kind: 'dir' | 'link' | 'bad' | 'locked' }

export function parseLine(text: string): Line {
  const file = /^(.+) (\d+) @([\d.]+)$/.exec(text)
  if (file !== null) {
    return { path: String(file[1]), kind: 'file', size: Number(file[2]), time: Number(file[3]) * 1000 }
  }
  if (text.endsWith(' ->')) return { path: text.slice(0, -3), kind: 'link' }
  if (text.endsWith('/!')) return { path: text.slice(0, -2), kind: 'locked' }
  if (text.endsWith('/')) return { path: text.slice(0, -1), kind: 'dir' }
  if (/(^|\/)\?[^/]*$/.test(text)) return { path: text, kind: 'bad' }
  throw new Error(`bad line of a tree: ${text}`)
}

function listedEntry(line: Line, dir: string): ListedEntry {
  const path = parseRemotePath(line.path)
  if (line.kind === 'file') return { kind: 'file', path, size: line.size, modTime: line.time, version: null }
  if (line.kind === 'link') return { kind: 'other', path, what: 'link' }
  if (line.kind === 'bad')
    return {
      kind: 'invalid-name',
      dir: parseRemotePath(dir),
      shown: line.path.slice(dir === '' ? 0 : dir.length + 1),
    }
  return { kind: 'dir', path }
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/** A remote that can only be listed. Names that differ only in form or case may stand beside each other. */
export function listOnly(tree: TreeText): Remote {
  const folders = new Map<string, ListedEntry[]>([['', []]])
  const locked = new Set<string>()
  const grow = (dir: string): ListedEntry[] => {
    const known = folders.get(dir)
    if (known !== undefined) return known
    const children: ListedEntry[] = []
    folders.set(dir, children)
    grow(parentOf(dir)).push({ kind: 'dir', path: parseRemotePath(dir) })
    return children
  }
  for (const line of tree.map(parseLine)) {
    if (line.kind === 'dir' || line.kind === 'locked') grow(line.path)
    else grow(parentOf(line.path)).push(listedEntry(line, parentOf(line.path)))
    if (line.kind === 'locked') locked.add(line.path)
  }
  const remote: Partial<Remote> = {
    features: {
      directories: true,
      caseInsensitive: false,
      atomicWrite: true,
      modTimePrecisionMs: 1,
      maxFileSize: null,
      maxConcurrency: 8,
    },
    async *list(dir) {
      await Promise.resolve()
      if (locked.has(dir)) throw new RemoteError('permission-denied', `list ${dir}`)
      yield folders.get(dir) ?? []
    },
  }
  return remote as Remote // the scan calls nothing but `list`
}

export async function scanOf(
  tree: TreeText,
  options: { filters?: string[]; foldCase?: boolean } = {},
): Promise<SideScan> {
  const foldCase = options.foldCase ?? false
  return scanSide({
    remote: listOnly(tree),
    filter: createFilter(options.filters ?? [], foldCase),
    foldCase,
    clock: { now: () => 1_000_000_000, monotonic: () => 0, setTimer: () => () => undefined },
    signal: new AbortController().signal,
  })
}

export type Case = {
  readonly name: string
  readonly mode?: 'copy' | 'mirror'
  readonly source: TreeText
  readonly target: TreeText
  /** Files that both sides held after the last run: `a.txt 3 @1`, or `a.txt 3 @1 | 3 @2` when the target told another time. */
  readonly baseline?: TreeText
  readonly filters?: string[]
  readonly foldCase?: boolean
  readonly maxFileSize?: number
  readonly precisionMs?: number | null
  /** Both sides can be hashed cheaply. */
  readonly isCheap?: boolean
  /** `copy a.txt`, `delete! a` for an early one, `problem x: code`, `equal a.txt` for a refresh, `forget a.txt`. */
  readonly plan: readonly string[]
}

function baselineOf(lines: TreeText, foldCase: boolean): Map<string, BaselineRow> {
  const rows = new Map<string, BaselineRow>()
  for (const text of lines) {
    const [left = '', right] = text.split(' | ')
    const source = parseLine(left)
    const target = right === undefined ? source : parseLine(`x ${right}`)
    if (source.kind !== 'file' || target.kind !== 'file') throw new Error(`bad baseline: ${text}`)
    rows.set(pathKey(source.path, foldCase), {
      source: { size: source.size, modTime: source.time, version: null },
      target: { size: target.size, modTime: target.time, version: null },
      sha: new Uint8Array(32),
      isRacy: false,
      syncedAt: 0,
    })
  }
  return rows
}

/** Scans, compares and plans a case; what only the content could decide is shown as `check`. */
export async function planText(row: Case): Promise<string[]> {
  const foldCase = row.foldCase ?? false
  const [source, target] = await Promise.all([scanOf(row.source, row), scanOf(row.target, row)])
  const baseline = baselineOf(row.baseline ?? [], foldCase)
  const isCheap = row.isCheap ?? false
  const precisionMs = row.precisionMs === undefined ? 1000 : row.precisionMs
  const rules: CompareRules = {
    precisionMs,
    isSourceCheap: isCheap,
    isTargetCheap: isCheap,
    canSetTime: true,
    recheckFrom: null,
  }
  const settled = new Map<string, Settled>()
  const checks: string[] = []
  for (const [key, file] of source.files) {
    const there = target.files.get(key)
    if (there === undefined) continue
    const verdict = compareFiles(stateOf(file), stateOf(there), baseline.get(key) ?? null, rules)
    if (verdict.kind === 'check') checks.push(`check ${file.path}: ${verdict.check.what}`)
    else settled.set(key, verdict)
  }
  const draft = makePlan({
    mode: row.mode ?? 'mirror',
    source,
    target,
    settled,
    isKnown: (key) => baseline.has(key),
    baselineKeys: baseline.keys(),
    hasFolders: true,
    maxFileSize: row.maxFileSize ?? null,
  })
  return [
    ...draft.steps.map(({ action, isEarly, path, from, reason }) => {
      const renamed = from !== null && from !== path && action !== 'skip' ? ` from ${from}` : ''
      const why = action === 'skip' || action === 'update' ? ` (${reason ?? ''})` : ''
      return `${action}${isEarly ? '!' : ''} ${path}${renamed}${why}`
    }),
    ...checks,
    ...draft.refresh.map(({ key }) => `equal ${key}`),
    ...draft.forget.map((key) => `forget ${key}`),
    ...draft.problems.map(({ path, code }) => `problem ${path}: ${code}`),
  ]
}
