/** Names one process beyond reuse of its pid: pid, start time and boot. */
export type ProcessIdentity = { readonly pid: number; readonly startedAt: string; readonly bootId: string }

export interface ProcessTable {
  /** The calling process. */
  self(): ProcessIdentity
  /** False only when that very process is surely gone (other boot, no such pid, or the pid belongs to a younger process). */
  isAlive(identity: ProcessIdentity): boolean
}
