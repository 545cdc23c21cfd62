/** A defect of a real server that we cannot mend: the case is expected to fail there, and passing is an error too. */
export type KnownFailure = {
  /** Name given to `describeRemote`. */
  readonly remote: string
  /** Name of the case. */
  readonly case: string
  readonly reason: string
  /** Day it was seen, `YYYY-MM-DD`. */
  readonly since: string
}

export const knownFailures: readonly KnownFailure[] = []
