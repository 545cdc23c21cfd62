import type { ErrorCode } from '../../model/error-codes.ts'
import type { SyncMode } from '../../model/job.ts'
import { toHex } from '../crypto/bytes.ts'
import { baseName, childPath, rootPath } from '../remote/remote-path.ts'
import type { RemotePath } from '../remote/remote-path.ts'
import type { FileEntry } from '../remote/remote.ts'
import type { Verdict } from './compare.ts'
import { stateOf } from './file-state.ts'
import type { PlanStep, Problem } from './plan.ts'
import type { SideScan } from './scan.ts'

/** A pair that is settled, or the code of what kept its content from being read. */
export type Settled =
  Exclude<Verdict, { kind: 'check' }> | { readonly kind: 'problem'; readonly code: ErrorCode }

export type PlanInput = {
  readonly mode: Exclude<SyncMode, 'two-way'>
  readonly source: SideScan
  readonly target: SideScan
  /** One entry for each key that is a file on both sides. */
  readonly settled: ReadonlyMap<string, Settled>
  /** True when the baseline has a row for the key. */
  readonly isKnown: (key: string) => boolean
  readonly baselineKeys: Iterable<string>
  /** Of the target. */
  readonly hasFolders: boolean
  readonly maxFileSize: number | null
}

/** What to do and what to record, as data. */
export type PlanDraft = {
  readonly steps: PlanStep[]
  readonly problems: Problem[]
  /** Pairs found equal that the baseline does not hold like this. */
  readonly refresh: { readonly key: string; readonly sha: Uint8Array | null }[]
  /** Baseline rows of files that exist on neither side any more. */
  readonly forget: string[]
  readonly unchanged: number
  /** False when something could not be read; then the plan deletes nothing. */
  readonly isComplete: boolean
  /** Files of the target that are in scope. */
  readonly targetFiles: number
}

/** Turns two scans and the settled comparisons into steps, in the order in which they are carried out. Pure. */
export function makePlan(input: PlanInput): PlanDraft {
  const { source, target, mode } = input
  const isComplete = wasAllRead(source) && wasAllRead(target) && !hasReadProblem(input.settled)
  const problems = scanProblems(source, target)
  const blocked = blockedKeys(source, target)
  const conflicts = kindConflicts(input, blocked, isComplete)
  for (const key of conflicts.stuck) {
    blocked.add(key)
    problems.push({ path: pathAt(source, key) ?? key, code: 'wrong-kind' })
  }
  const isFree = (key: string): boolean => !isBelow(blocked, key)
  const layout = placeFolders(input, isFree)
  const files = planFiles(input, isFree, layout.folderOf)
  const gone = mode === 'mirror' && isComplete ? planDeletes(input, isFree, conflicts.cleared) : noSteps
  const steps = [
    ...conflicts.steps,
    ...layout.steps,
    ...files.steps,
    ...gone.deletes,
    ...gone.rmdirs,
    ...skipSteps(source, target),
  ]
  problems.push(...files.problems)
  return {
    steps,
    problems,
    refresh: files.refresh,
    forget: isComplete ? vanished(input) : [],
    unchanged: files.unchanged,
    isComplete,
    targetFiles: target.files.size,
  }
}

const noSteps: { readonly deletes: PlanStep[]; readonly rmdirs: PlanStep[] } = { deletes: [], rmdirs: [] }

function wasAllRead(scan: SideScan): boolean {
  return scan.unread.size === 0 && scan.invalid.length === 0
}

function hasReadProblem(settled: ReadonlyMap<string, Settled>): boolean {
  for (const verdict of settled.values()) if (verdict.kind === 'problem') return true
  return false
}

function scanProblems(...scans: readonly SideScan[]): Problem[] {
  const problems: Problem[] = []
  for (const scan of scans) {
    // The reason of a single folder is in the log; people are told that a folder could not be read.
    for (const { path } of scan.unread.values()) problems.push({ path, code: 'unread-folder' })
    for (const { dir, shown } of scan.invalid) {
      problems.push({ path: dir === '' ? shown : `${dir}/${shown}`, code: 'invalid-name' })
    }
    for (const paths of scan.twins.values()) {
      for (const path of paths) problems.push({ path, code: 'twin-names' })
    }
  }
  return problems
}

/** Keys that are not touched on either side, and nothing below them. */
function blockedKeys(source: SideScan, target: SideScan): Set<string> {
  const blocked = new Set<string>()
  for (const scan of [source, target]) {
    for (const map of [scan.unread, scan.twins, scan.others]) for (const key of map.keys()) blocked.add(key)
  }
  // A rule may catch a folder but not a file of the same name: what is out of scope on one side stays on the other.
  const holds = (scan: SideScan, key: string): boolean => scan.files.has(key) || scan.dirs.has(key)
  for (const key of source.filtered) if (holds(target, key)) blocked.add(key)
  for (const key of target.filtered) if (holds(source, key)) blocked.add(key)
  return blocked
}

/** True when `key` or a folder above it is in `keys`. */
function isBelow(keys: ReadonlySet<string>, key: string): boolean {
  if (keys.size === 0) return false
  for (let end = key.length; end > 0; end = key.lastIndexOf('/', end - 1)) {
    if (keys.has(key.slice(0, end))) return true
  }
  return keys.has('')
}

/** Every folder above each of the keys, the keys included. */
function withAncestors(keys: Iterable<string>): Set<string> {
  const all = new Set<string>()
  for (const key of keys) {
    for (let end = key.length; end > 0 && !all.has(key.slice(0, end)); end = key.lastIndexOf('/', end - 1)) {
      all.add(key.slice(0, end))
    }
  }
  return all
}

const sortedKeys = (map: ReadonlyMap<string, unknown>): string[] => [...map.keys()].sort()

function pathAt(scan: SideScan, key: string): RemotePath | null {
  return scan.files.get(key)?.path ?? scan.dirs.get(key) ?? null
}

type Conflicts = {
  readonly steps: PlanStep[]
  /** Folders of the target that make way for a file, with everything below. */
  readonly cleared: Set<string>
  /** Names that cannot be cleared. */
  readonly stuck: string[]
}

/** A file where the other side has a folder: the source wins, and what the target held goes to safety. */
function kindConflicts(input: PlanInput, blocked: ReadonlySet<string>, canDelete: boolean): Conflicts {
  const { source, target } = input
  const stuck: string[] = []
  const cleared = new Set<string>()
  const files: string[] = []
  const kept = withAncestors([...target.holding, ...blocked])
  for (const key of source.files.keys()) {
    if (!target.dirs.has(key) || isBelow(blocked, key)) continue
    if (canDelete && !kept.has(key)) cleared.add(key)
    else stuck.push(key)
  }
  for (const key of source.dirs.keys()) {
    if (!target.files.has(key) || isBelow(blocked, key)) continue
    if (canDelete) files.push(key)
    else stuck.push(key)
  }
  if (cleared.size === 0 && files.length === 0) return { steps: [], cleared, stuck }
  for (const key of target.files.keys()) if (isBelow(cleared, key)) files.push(key)
  const dirs = sortedKeys(target.dirs).filter((key) => isBelow(cleared, key))
  const deletes = files.sort().map((key) => deleteStep(input, key, true))
  return { steps: [...deletes, ...dirs.reverse().map((key) => rmdirStep(input, key, true))], cleared, stuck }
}

type Layout = { readonly steps: PlanStep[]; readonly folderOf: (key: string) => RemotePath }

/** Gives each folder of the source its path on the target, where an equal key may be spelled in another way. */
function placeFolders({ source, target, hasFolders }: PlanInput, isFree: (key: string) => boolean): Layout {
  const places = new Map<string, RemotePath>()
  const folderOf = (key: string): RemotePath => {
    const slash = key.lastIndexOf('/')
    return slash < 0 ? rootPath : (places.get(key.slice(0, slash)) ?? rootPath)
  }
  const steps: PlanStep[] = []
  for (const key of sortedKeys(source.dirs)) {
    const from = source.dirs.get(key)
    if (from === undefined) continue
    const there = target.dirs.get(key)
    const path = there ?? childPath(folderOf(key), baseName(from))
    places.set(key, path)
    if (there === undefined && hasFolders && isFree(key))
      steps.push({ ...blank, action: 'mkdir', path, from })
  }
  return { steps, folderOf }
}

const blank = {
  from: null,
  source: null,
  target: null,
  isEarly: false,
  reason: null,
  sha: null,
  isForeign: false,
} as const

type FilePlan = Pick<PlanDraft, 'steps' | 'problems' | 'refresh' | 'unchanged'>

function planFiles(
  input: PlanInput,
  isFree: (key: string) => boolean,
  folderOf: Layout['folderOf'],
): FilePlan {
  const { source, target } = input
  const steps: PlanStep[] = []
  const problems: Problem[] = []
  const refresh: PlanDraft['refresh'] = []
  let unchanged = 0
  const transfer = (step: PlanStep, size: number): void => {
    if (input.maxFileSize === null || size <= input.maxFileSize) steps.push(step)
    else problems.push({ path: step.path, code: 'too-large' })
  }
  for (const key of sortedKeys(source.files)) {
    const file = source.files.get(key)
    if (file === undefined || !isFree(key)) continue
    const there = target.files.get(key)
    if (there === undefined) {
      const path = childPath(folderOf(key), baseName(file.path))
      const copy = {
        ...blank,
        action: 'copy',
        path,
        from: file.path,
        source: stateOf(file),
        reason: 'new',
      } as const
      transfer(copy, file.size)
      continue
    }
    const verdict = input.settled.get(key) ?? ({ kind: 'unchanged' } as const)
    if (verdict.kind === 'problem') problems.push({ path: file.path, code: verdict.code })
    else if (verdict.kind === 'update') {
      transfer({ ...changeStep(file, there, input.isKnown(key)), reason: verdict.reason }, file.size)
    } else {
      unchanged += 1
      if (verdict.kind === 'refresh') refresh.push({ key, sha: verdict.sha })
      if (verdict.kind === 'set-time') {
        const sha = verdict.sha === null ? null : toHex(verdict.sha)
        steps.push({
          ...changeStep(file, there, input.isKnown(key)),
          action: 'set-time',
          reason: 'time',
          sha,
        })
      }
    }
  }
  return { steps, problems, refresh, unchanged }
}

function changeStep(file: FileEntry, there: FileEntry, isKnown: boolean): PlanStep {
  return {
    ...blank,
    action: 'update',
    path: there.path,
    from: file.path,
    source: stateOf(file),
    target: stateOf(there),
    isForeign: !isKnown,
  }
}

/** What only the target holds, files first, then folders from the deepest up; folders that keep something stay. */
function planDeletes(
  input: PlanInput,
  isFree: (key: string) => boolean,
  cleared: ReadonlySet<string>,
): { readonly deletes: PlanStep[]; readonly rmdirs: PlanStep[] } {
  const { source, target } = input
  const deletes: PlanStep[] = []
  for (const key of sortedKeys(target.files)) {
    const isGone = !source.files.has(key) && !source.dirs.has(key)
    if (isGone && isFree(key) && !isBelow(cleared, key)) deletes.push(deleteStep(input, key, false))
  }
  const kept = withAncestors([...target.holding, ...target.others.keys(), ...target.twins.keys()])
  const rmdirs: PlanStep[] = []
  for (const key of sortedKeys(target.dirs).reverse()) {
    const isGone = !source.dirs.has(key) && !source.files.has(key)
    if (isGone && isFree(key) && !kept.has(key) && !isBelow(cleared, key)) {
      rmdirs.push(rmdirStep(input, key, false))
    }
  }
  return { deletes, rmdirs: input.hasFolders ? rmdirs : [] }
}

function deleteStep({ target, isKnown }: PlanInput, key: string, isEarly: boolean): PlanStep {
  const file = target.files.get(key)
  if (file === undefined) throw new RangeError('delete of a file that the scan does not hold')
  const reason = isEarly ? 'other-kind' : 'gone'
  return {
    ...blank,
    action: 'delete',
    path: file.path,
    target: stateOf(file),
    isEarly,
    reason,
    isForeign: !isKnown(key),
  }
}

function rmdirStep({ target }: PlanInput, key: string, isEarly: boolean): PlanStep {
  const path = target.dirs.get(key)
  if (path === undefined) throw new RangeError('rmdir of a folder that the scan does not hold')
  return { ...blank, action: 'rmdir', path, isEarly, reason: isEarly ? 'other-kind' : 'gone' }
}

/** Links, special files and twins: shown once, never touched. */
function skipSteps(source: SideScan, target: SideScan): PlanStep[] {
  const steps: PlanStep[] = []
  for (const scan of [source, target]) {
    const from = (path: RemotePath): RemotePath | null => (scan === source ? path : null)
    for (const { path, what } of scan.others.values()) {
      steps.push({ ...blank, action: 'skip', path, from: from(path), reason: what })
    }
    for (const path of [...scan.twins.values()].flat()) {
      steps.push({ ...blank, action: 'skip', path, from: from(path), reason: 'twin-names' })
    }
    for (const { path } of scan.unread.values()) {
      steps.push({ ...blank, action: 'skip', path, from: from(path), reason: 'unread-folder' })
    }
  }
  return steps.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

function vanished({ baselineKeys, source, target }: PlanInput): string[] {
  const gone: string[] = []
  for (const key of baselineKeys) if (!source.files.has(key) && !target.files.has(key)) gone.push(key)
  return gone
}
