import { sameSizeAndTime, sameState, timesAgree } from './file-state.ts'
import type { FileState } from './file-state.ts'

/**
 * Both sides of one file as each side reported them after our last write, and the hash of what was written. The next
 * comparison is made with these, each side with itself.
 */
export type BaselineRow = {
  readonly source: FileState
  readonly target: FileState
  /** SHA-256 of the content, 32 bytes; null when the pair was found equal without reading it. */
  readonly sha: Uint8Array | null
  /** True when the source was written so close to the scan that a later write could bear the same time. */
  readonly isRacy: boolean
  /** Start of the run that recorded the row, milliseconds since 1970. */
  readonly syncedAt: number
}

/** What one pair of files needs. `sha` is the known hash of both contents, when there is one. */
export type Verdict =
  | { readonly kind: 'unchanged' }
  /** Equal, but the baseline does not say so. */
  | { readonly kind: 'refresh'; readonly sha: Uint8Array | null }
  /** Equal in content; only the target's time is another one. */
  | { readonly kind: 'set-time'; readonly sha: Uint8Array | null }
  | { readonly kind: 'update'; readonly reason: UpdateReason }
  /** Only the content can tell. */
  | { readonly kind: 'check'; readonly check: ContentCheck; readonly reason: UpdateReason }

export type UpdateReason = 'size' | 'time' | 'version' | 'content' | 'target-changed'

/**
 * Which content to hash: against the hash that is known, or the two sides with each other.
 */
export type ContentCheck =
  | { readonly what: 'source' | 'target' | 'source-and-target'; readonly sha: Uint8Array }
  | { readonly what: 'sides' }

export type CompareRules = {
  /** The coarser precision of both sides; null when one of them keeps no times. */
  readonly precisionMs: number | null
  /** Whether content can be hashed without carrying it over a network. */
  readonly isSourceCheap: boolean
  readonly isTargetCheap: boolean
  readonly canSetTime: boolean
  /** Rows recorded at or after this time are hashed again (unclean boot, unfinished run); null = none. */
  readonly recheckFrom: number | null
}

/** Decides about two files of one key. Pure; the source wins, whatever the times say. */
export function compareFiles(
  source: FileState,
  target: FileState,
  row: BaselineRow | null,
  rules: CompareRules,
): Verdict {
  if (row === null) return meetFirst(source, target, rules)
  const sourceChange = isMute(source) ? 'time' : changeOf(row.source, source)
  const targetChange = changeOf(row.target, target)
  if (sourceChange === 'none' && targetChange === 'none') return asRecorded(row, rules)
  if (sourceChange === 'none') return judgeTarget(source, target, row, rules)
  if (targetChange === 'none') return judgeSource(source, row, sourceChange, rules)
  // Both moved on. Often an interrupted run of ours wrote the target and could not record it.
  if (!sameSizeAndTime(row.source, source)) return meetFirst(source, target, rules)
  // Size and time of the source are as before: only its version shows the change, so equal times prove nothing.
  if (source.size !== target.size || !rules.isSourceCheap || !rules.isTargetCheap) {
    return { kind: 'update', reason: 'version' }
  }
  return { kind: 'check', check: { what: 'sides' }, reason: 'content' }
}

/** What the engine does about a pair once a check has ended. */
export function afterCheck(
  pair: { readonly source: FileState; readonly target: FileState },
  outcome: { readonly isEqual: boolean; readonly sha: Uint8Array | null; readonly reason: UpdateReason },
  rules: CompareRules,
): Exclude<Verdict, { kind: 'check' }> {
  if (!outcome.isEqual) return { kind: 'update', reason: outcome.reason }
  return settleTime(pair.source, pair.target, outcome.sha, rules)
}

/** A source that tells nothing but the size may have changed at any time; a target is ours and gets the benefit of the doubt. */
function isMute(state: FileState): boolean {
  return state.modTime === null && state.version === null
}

type Change = 'none' | 'version' | 'time' | 'size'

function changeOf(recorded: FileState, now: FileState): Change {
  if (recorded.size !== now.size) return 'size'
  if (recorded.modTime !== now.modTime) return 'time'
  if (sameState(recorded, now)) return 'none'
  // A side that gives versions only sometimes has not shown a change by leaving one out.
  return recorded.version === null || now.version === null ? 'none' : 'version'
}

function meetFirst(source: FileState, target: FileState, rules: CompareRules): Verdict {
  if (source.size !== target.size) return { kind: 'update', reason: 'size' }
  if (timesAgree(source, target, rules.precisionMs)) return { kind: 'refresh', sha: null }
  if (rules.isSourceCheap && rules.isTargetCheap) {
    return { kind: 'check', check: { what: 'sides' }, reason: 'content' }
  }
  return { kind: 'update', reason: 'time' }
}

function asRecorded(row: BaselineRow, rules: CompareRules): Verdict {
  const isSuspect = rules.recheckFrom !== null && row.syncedAt >= rules.recheckFrom
  // After a crash only what can be read without a network is read again: the far side did not lose its power with us.
  const needsSource = row.isRacy || (isSuspect && rules.isSourceCheap)
  const needsTarget = isSuspect && rules.isTargetCheap
  if (!needsSource && !needsTarget) return { kind: 'unchanged' }
  if (row.sha === null) {
    const canRead = row.isRacy || (rules.isSourceCheap && rules.isTargetCheap)
    return canRead ? { kind: 'check', check: { what: 'sides' }, reason: 'content' } : { kind: 'unchanged' }
  }
  const what = !needsTarget ? 'source' : needsSource ? 'source-and-target' : 'target'
  return { kind: 'check', check: { what, sha: row.sha }, reason: 'content' }
}

function judgeSource(source: FileState, row: BaselineRow, change: Change, rules: CompareRules): Verdict {
  if (change === 'size' || change === 'none') return { kind: 'update', reason: 'size' }
  if (row.sha === null || !rules.isSourceCheap) return { kind: 'update', reason: change }
  return { kind: 'check', check: { what: 'source', sha: row.sha }, reason: 'content' }
}

function judgeTarget(source: FileState, target: FileState, row: BaselineRow, rules: CompareRules): Verdict {
  const change = changeOf(row.target, target)
  if (change === 'size') return { kind: 'update', reason: 'target-changed' }
  if (row.sha !== null && rules.isTargetCheap) {
    return { kind: 'check', check: { what: 'target', sha: row.sha }, reason: 'target-changed' }
  }
  if (change === 'time' && timesAgree(source, target, rules.precisionMs)) {
    return { kind: 'refresh', sha: row.sha }
  }
  return { kind: 'update', reason: 'target-changed' }
}

function settleTime(
  source: FileState,
  target: FileState,
  sha: Uint8Array | null,
  rules: CompareRules,
): Exclude<Verdict, { kind: 'check' }> {
  const isOff = rules.canSetTime && source.modTime !== null && !timesAgree(source, target, rules.precisionMs)
  return { kind: isOff ? 'set-time' : 'refresh', sha }
}

/** Seconds around a scan in which a write may go unseen, beside the precision of the side. */
const RACY_MS = 3000

/**
 * True when the file was written so near to the scan that another write within the precision of the side would bear the same
 * time. Such a file is hashed in the next run.
 */
export function isRacy(
  source: FileState,
  scan: { readonly startedAt: number; readonly endedAt: number },
  precisionMs: number | null,
): boolean {
  if (source.modTime === null) return false
  const margin = RACY_MS + (precisionMs ?? 0)
  return source.modTime >= scan.startedAt - margin && source.modTime <= scan.endedAt + margin
}
