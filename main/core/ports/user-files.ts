/** What a folder of the person looks like from outside. */
export type FolderFacts = {
  /** Absolute, links resolved. */
  readonly realPath: string
  /** First names in it, sorted, at most 8. */
  readonly names: readonly string[]
  /** Entries in it, counted up to 10,000. */
  readonly count: number
}

/** Read-only look at files of the person outside the home folder of Fernsync. */
export interface UserFiles {
  /** The person's home directory, links resolved. */
  homeDirectory(): string
  /** Makes `path` absolute: `~/` is the home directory, relative is below the current directory. */
  absolute(path: string): string
  /**
   * Absolute path with the links of the part that exists resolved; the rest need not exist. Throws AppError('permission-denied'),
   * 'wrong-kind' below a file or a link to nowhere.
   */
  realPath(path: string): Promise<string>
  /** Null when it does not exist; throws AppError('permission-denied' | 'wrong-kind'). */
  inspectFolder(path: string): Promise<FolderFacts | null>
  /** Null when it does not exist; throws AppError('too-large') beyond `maxBytes`. The caller wipes what is secret. */
  read(path: string, maxBytes: number): Promise<Uint8Array | null>
  /** The SSH agent's socket of this session, null when there is none. */
  agentSocket(): string | null
}
