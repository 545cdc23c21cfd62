import { linesOf } from './import-text.ts'

/** No name of a host is as long. */
const LONGEST_PATTERN = 1024
/** What one line may name. */
const MAX_PATTERNS = 1000
/** Letters that are compared while a line is read. */
const LETTERS_PER_STEP = 128
/** OpenSSH knows about a hundred keywords. */
const MAX_SETTINGS = 200
/** Nobody writes more; reading stops there. */
export const MAX_SSH_BLOCKS = 20_000

/** Keywords of one block in order, by lower-case name; `patterns` is null for lines that count for every host. */
export type SshBlock = {
  readonly patterns: readonly string[] | null
  readonly settings: ReadonlyMap<string, string>
}

/**
 * Blocks of a text like ~/.ssh/config (ssh_config(5)), the first value of a keyword in each. `Match` blocks may run commands and are
 * passed over, `Include` is not followed. `step` is called once per line and may throw. Throws AppError('import-unreadable') for half a
 * million lines.
 */
export function parseSshConfig(config: string, step: Step = () => {}): readonly SshBlock[] {
  const blocks: SshBlock[] = []
  let settings = new Map<string, string>()
  blocks.push({ patterns: null, settings })
  for (const line of linesOf(config)) {
    step()
    const found = /^([A-Za-z]+)(?:\s*=\s*|\s+)(\S.*)$/.exec(line.trim())
    const keyword = found?.[1]?.toLowerCase()
    const value = found?.[2]
    if (keyword === undefined || value === undefined) continue
    if (keyword === 'match' || keyword === 'host') {
      if (blocks.length > MAX_SSH_BLOCKS) break
      settings = new Map<string, string>()
      if (keyword === 'host') blocks.push({ patterns: patternsOf(value), settings })
    } else if (!settings.has(keyword) && settings.size < MAX_SETTINGS) settings.set(keyword, unquoted(value))
  }
  return blocks
}

/** Told of work that was done, in units of a line. */
type Step = (cost?: number) => void

export type HostLookup = (host: string) => ReadonlyMap<string, string>

/**
 * What blocks say of a host, by lower-case keyword; the first value of a keyword wins. Blocks without wildcards are found by
 * name, so that thousands of hosts do not each look at thousands of blocks; `step` is told of every pattern that is tried and every setting that is taken.
 */
export function createHostLookup(blocks: readonly SshBlock[], step: Step = () => {}): HostLookup {
  const lowered = blocks.map(({ patterns, settings }) => ({
    patterns: patterns?.map((pattern) => pattern.toLowerCase()) ?? null,
    settings,
  }))
  const named = new Map<string, number[]>()
  const open: number[] = []
  for (const [at, { patterns }] of lowered.entries()) {
    if (patterns === null || patterns.some((pattern) => /[*?!]/.test(pattern))) open.push(at)
    else for (const key of new Set(patterns)) appendTo(named, key, at)
  }
  return (host) => {
    const name = host.toLowerCase()
    const found = new Map<string, string>()
    const candidates = [...(named.get(name) ?? []), ...open].sort((a, b) => a - b)
    for (const at of candidates) {
      const { patterns, settings } = lowered[at] ?? { patterns: [], settings: found }
      if (patterns !== null && !matchesHost(patterns, name, step)) continue
      step(settings.size)
      for (const [keyword, value] of settings) if (!found.has(keyword)) found.set(keyword, value)
    }
    return found
  }
}

function appendTo(lists: Map<string, number[]>, key: string, value: number): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

/** What a text like ~/.ssh/config says of one host. */
export function lookUpSshHost(config: string, host: string): ReadonlyMap<string, string> {
  return createHostLookup(parseSshConfig(config))(host)
}

function patternsOf(value: string): readonly string[] {
  const patterns = value.split(/\s+/, MAX_PATTERNS).map(unquoted)
  return patterns.filter((pattern) => pattern.length <= LONGEST_PATTERN)
}

function unquoted(text: string): string {
  return text.replace(/^"(.*)"$/, '$1')
}

/** A pattern list of ssh_config(5): `*` and `?`, and `!` for exceptions that win over every match. */
function matchesHost(patterns: readonly string[], name: string, step: Step): boolean {
  let isMatched = false
  for (const pattern of patterns) {
    // What a star costs at most: it may begin at each letter and go wrong at the end.
    step(1 + Math.ceil((pattern.length * (pattern.includes('*') ? name.length : 1)) / LETTERS_PER_STEP))
    const isException = pattern.startsWith('!')
    if (!matchesGlob(isException ? pattern.slice(1) : pattern, name)) continue
    if (isException) return false
    isMatched = true
  }
  return isMatched
}

/** Not as a regular expression: `*a*a*a*b` would make one try every split. */
function matchesGlob(pattern: string, text: string): boolean {
  let at = 0
  let place = 0
  let star = -1
  let retry = 0
  while (place < text.length) {
    if (pattern[at] === '*') {
      star = at
      retry = place
      at += 1
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[place])) {
      at += 1
      place += 1
    } else if (star !== -1) {
      retry += 1
      place = retry
      at = star + 1
    } else return false
  }
  while (pattern[at] === '*') at += 1
  return at === pattern.length
}
