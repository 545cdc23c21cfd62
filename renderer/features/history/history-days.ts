import type { RunSummary, SkipRecord } from '../../../main/model/run.ts'
import { dayKey } from '../../i18n/format.ts'

/** A run or a start that did not happen, at the moment that places it in the history. */
export type HistoryEntry =
  | { readonly kind: 'run'; readonly at: string; readonly run: RunSummary }
  | { readonly kind: 'skip'; readonly at: string; readonly skip: SkipRecord }

export type HistoryDay = { readonly key: string; readonly entries: readonly HistoryEntry[] }

/** Runs and skips in one line of time, newest first, by local day. */
export function historyDays(runs: readonly RunSummary[], skips: readonly SkipRecord[]): HistoryDay[] {
  const entries: HistoryEntry[] = [
    ...runs.map((run) => ({ kind: 'run' as const, at: run.ended, run })),
    ...skips.map((skip) => ({ kind: 'skip' as const, at: skip.at, skip })),
  ].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
  const days = Map.groupBy(entries, ({ at }) => dayKey(at))
  return [...days].map(([key, list]) => ({ key, entries: list }))
}

const counted = ['copied', 'updated', 'deleted', 'moved', 'conflicts', 'skipped', 'failed'] as const

/** What a run changed: only what is not zero. */
export function changesOf(run: RunSummary): { key: (typeof counted)[number]; count: number }[] {
  return counted.filter((key) => run[key] > 0).map((key) => ({ key, count: run[key] }))
}
