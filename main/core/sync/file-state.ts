import * as z from 'zod'
import type { FileEntry } from '../remote/remote.ts'

/** What one side says about one file; enough to notice that it is no longer what a plan saw. */
export const FileState = z.object({
  size: z.int().min(0),
  /** Milliseconds since 1970; null when the side keeps none. */
  modTime: z.number().nullable(),
  /** Changes when the content changes; null when the side has none. */
  version: z.string().nullable(),
})
export type FileState = z.infer<typeof FileState>

/** The two places of a job: left is local, right is remote. */
export type SideName = 'local' | 'remote'

export function stateOf(entry: FileEntry): FileState {
  return { size: entry.size, modTime: entry.modTime, version: entry.version }
}

/** True when nothing that the side reports has changed. */
export function sameState(a: FileState, b: FileState): boolean {
  return a.size === b.size && a.modTime === b.modTime && a.version === b.version
}

/** True when size and time are the same; a hard link or a change of mode gives a local file a new version. */
export function sameSizeAndTime(a: FileState, b: FileState): boolean {
  return a.size === b.size && a.modTime === b.modTime
}

/**
 * True when both sides keep times and these are equal within the coarser precision. Only for the first meeting of two files:
 * later each side is compared with what that same side reported.
 */
export function timesAgree(a: FileState, b: FileState, precisionMs: number | null): boolean {
  if (precisionMs === null || a.modTime === null || b.modTime === null) return false
  return Math.abs(a.modTime - b.modTime) <= precisionMs
}
