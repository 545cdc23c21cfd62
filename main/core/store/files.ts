/**
 * `sealed` = encrypted, apart from salts, parameters, ids, revisions and counts. `clear` = readable, and never holds a secret,
 * a host, a user or an absolute root. `empty` = a lock.
 */
export type FileContent = 'sealed' | 'clear' | 'empty'

export type HomeFile = {
  readonly what: string
  /** Matches the path relative to the home folder, `/`-separated. */
  readonly path: RegExp
  /** Name and version in the file; `schema` = `user_version` of SQLite; null when the file has none. */
  readonly format: string | null
  readonly content: FileContent
  /** True for the only files that may be copied to another device. */
  readonly replicated: boolean
}

const row = (path: RegExp, what: string, format: string | null, content: FileContent): HomeFile => ({
  what,
  path,
  format,
  content,
  replicated: false,
})

/** Every file that Fernsync writes into its home folder; a file that is not here is a defect. */
export const homeFiles: readonly HomeFile[] = [
  { ...row(/^vault\.json$/, 'the vault', 'fernsync/1', 'sealed'), replicated: true },
  row(/^vault\.json\.[1-3]$/, 'an older vault', 'fernsync/1', 'sealed'),
  row(/^settings\.json(\.unreadable)?$/, 'window, theme, language', 'fernsync-settings/1', 'clear'),
  row(/^device\/device\.json(\.unreadable)?$/, 'memory of this device', 'fernsync-device/1', 'clear'),
  row(/^device\/local\.json(\.1)?$/, 'local roots and device data', 'fernsync-local/1', 'sealed'),
  row(/^device\/audit(\.1|\.unreadable)?\.jsonl$/, 'what was done with credentials', '1', 'sealed'),
  row(/^device\/audit-head\.json$/, 'where that record begins and ends', '1', 'clear'),
  row(/^device\/index\.txt$/, 'decrypted lists, sealed again', 'fernsync-index/1', 'sealed'),
  row(
    /^old-vaults\/[^/]+\/(vault\.json(\.[1-3])?|local\.json(\.1)?|device\.json|audit[^/]*\.jsonl?|audit-head\.json)$/,
    'a vault set aside',
    null,
    'sealed',
  ),
  row(/^device\/state\.sqlite(-wal|-shm)?$/, 'scheduler and history', 'schema', 'clear'),
  row(/^device\/jobs\/[0-9a-f-]{36}\.sqlite(-wal|-shm)?$/, 'baseline of one job', 'schema', 'clear'),
  row(/^device\/grants\/[0-9a-f-]{36}\.json$/, 'a grant', '1', 'sealed'),
  row(/^device\/logs\/[a-z-]+(\.[1-4])?\.jsonl$/, 'log', null, 'clear'),
  row(/^device\/locks(-kdf|-audit)?\.sqlite(-journal)?$/, 'lock', null, 'empty'),
  row(/^device\/locks(-kdf|-audit)?\.pid$/, 'process that held the lock last', null, 'clear'),
  row(/^device\/chromium\/.+$/, "Electron's own files", null, 'clear'),
  row(/^(.+\/)?\.[^/]+\.[0-9a-f]{16}\.tmp$/, 'a write in progress', null, 'sealed'),
]

/** What the file at `path` is, null when Fernsync writes no such file. */
export function homeFileOf(path: string): HomeFile | null {
  return homeFiles.find((file) => file.path.test(path)) ?? null
}
