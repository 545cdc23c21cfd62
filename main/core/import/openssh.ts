import { refusedFile } from './import-errors.ts'
import { decodeImport } from './import-text.ts'
import { toItem } from './imported-item.ts'
import type { FoundEntry } from './found-entry.ts'
import type { ImportReader } from './imported-item.ts'
import { createHostLookup, MAX_SSH_BLOCKS, parseSshConfig } from './ssh-config.ts'

const LONGEST_HOST = 255
const LONGEST_VALUE = 4096
/** In one value; each may stand for hundreds of characters. */
const MAX_TOKENS = 16

/**
 * An OpenSSH client configuration: one entry for each `Host` without wildcards, with what all blocks say of it. Nothing in it
 * is run: `Match`, `ProxyCommand` and other commands are passed over. Throws AppError('import-unreadable').
 */
export const readOpenSsh: ImportReader = (bytes, { budget, localUser }) => {
  const step = (cost?: number): void => budget.step(cost)
  const blocks = parseSshConfig(decodeImport(bytes), step)
  if (blocks.length > MAX_SSH_BLOCKS) throw refusedFile(`more than ${MAX_SSH_BLOCKS} blocks`)
  const aliases = new Set<string>()
  for (const { patterns } of blocks)
    for (const pattern of patterns ?? [])
      if (!/[*?!]/.test(pattern) && pattern.length <= LONGEST_HOST) aliases.add(pattern)
  if (aliases.size === 0) throw refusedFile('it names no host')
  const lookUp = createHostLookup(blocks, step)
  return [...aliases].map((alias) => toItem(entryOf(alias, lookUp(alias), localUser), budget))
}

function entryOf(alias: string, settings: ReadonlyMap<string, string>, localUser: string | null): FoundEntry {
  const host = expand(settings.get('hostname') ?? alias, { h: alias })
  const user = settings.get('user') ?? localUser ?? undefined
  const tokens = { d: '~', h: host, n: alias, r: user ?? '%r' }
  const file = (keyword: string): string | undefined => {
    const path = settings.get(keyword)
    return path === undefined || path.toLowerCase() === 'none' ? undefined : expand(path, tokens)
  }
  const hasProxy = ['proxyjump', 'proxycommand'].some((keyword) => {
    const value = settings.get(keyword)
    return value !== undefined && value.toLowerCase() !== 'none'
  })
  return {
    name: alias,
    protocol: 'sftp',
    host,
    port: settings.get('port'),
    user,
    keyFile: file('identityfile'),
    certificateFile: file('certificatefile'),
    notes: hasProxy ? ['proxy-left-out'] : [],
  }
}

/** Tokens of ssh_config(5); the ones that are not known here stay as they are. */
function expand(text: string, tokens: Readonly<Record<string, string>>): string {
  if (text.length > LONGEST_VALUE || text.split('%', MAX_TOKENS + 2).length > MAX_TOKENS + 1) return text
  return text.replace(/%([%a-zA-Z])/g, (whole, letter: string) => {
    if (letter === '%') return '%'
    return Object.hasOwn(tokens, letter) ? (tokens[letter] ?? whole) : whole
  })
}
