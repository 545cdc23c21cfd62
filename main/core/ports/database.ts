/** A value of an SQLite column. Integers come back as numbers (they stay within 2^53). */
export type SqlValue = string | number | null | Uint8Array
export type SqlRow = Readonly<Record<string, SqlValue>>

/** One SQLite file, opened synchronously and used by one process part only. */
export interface Database {
  /** Runs statements without parameters (schema, pragmas). */
  exec(sql: string): void
  run(sql: string, ...values: readonly SqlValue[]): { readonly changes: number }
  get(sql: string, ...values: readonly SqlValue[]): SqlRow | null
  all(sql: string, ...values: readonly SqlValue[]): readonly SqlRow[]
  /** Runs `work` in `BEGIN IMMEDIATE` .. `COMMIT`; rolls back and rethrows when it throws. Not reentrant. */
  transaction<T>(work: () => T): T
  close(): void
}

export interface DatabaseFactory {
  /** Opens or creates `path` with mode 0600, WAL, `busy_timeout` 5 s and `synchronous=FULL`. Throws AppError('home-unusable'). */
  open(path: string): Database
}
