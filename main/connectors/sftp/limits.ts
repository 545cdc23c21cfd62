/** Numbers that shape speed and patience; tests shorten the times. */
export type SftpLimits = {
  /** From the first packet to the end of the sign-in, in milliseconds. */
  readonly connectMs: number
  /** Requests under way and no byte in either direction for this long: the server counts as gone. */
  readonly stallMs: number
  /** How long an aborted call may still tidy up before it rejects without waiting. */
  readonly graceMs: number
  /** Files from this size on use a second connection, in bytes. */
  readonly stripeBytes: number
  /** Requested but unanswered bytes of one file on one connection. */
  readonly laneBytes: number
  /** The same over all files and connections; beyond it each file still has one request under way. */
  readonly sharedBytes: number
  /** Entries of one folder; more throws, because nothing honest has them and memory is finite. */
  readonly entries: number
}

export const defaultLimits: SftpLimits = {
  connectMs: 10_000,
  stallMs: 20_000,
  graceMs: 1_000,
  stripeBytes: 32 * 1024 * 1024,
  laneBytes: 2 * 1024 * 1024,
  sharedBytes: 16 * 1024 * 1024,
  entries: 1_000_000,
}
