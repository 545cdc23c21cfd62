import { lookUpSshHost } from '../core/import/ssh-config.ts'

/** One line about a server, read as far as it goes; fields are those of the sftp connector. */
export type TargetLine = {
  readonly host: string
  readonly port: string | null
  readonly user: string | null
  /** Remote folder, null when none is named. */
  readonly path: string | null
  /**
   * A key file that ~/.ssh/config names, `~/` not yet expanded; null when none. Never one that the line names (`-i`): whoever
   * writes the line would choose which file of this computer is read.
   */
  readonly identityFile: string | null
}

const plain = { port: null, user: null, path: null, identityFile: null }

/**
 * Reads `ssh user@host -p 2222`, `sftp -P 2222 user@host:dir`, `sftp://user@host:2222/dir`, `user@host`, or the alias of a Host in
 * `sshConfig` (the text of ~/.ssh/config, null when there is none). Null when no host can be found in it.
 */
export function parseTargetLine(line: string, sshConfig: string | null): TargetLine | null {
  const text = line.trim()
  const target = /^(sftp|ssh):\/\//i.test(text) ? fromUrl(text) : fromCommand(text.split(/\s+/))
  if (target === null || !/^[^\s/@\\]{1,255}$/.test(target.host)) return null
  return sshConfig === null ? target : withConfig(target, sshConfig)
}

function fromUrl(text: string): TargetLine | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  const decoded = (part: string): string | null => (part === '' ? null : decodeURIComponent(part))
  try {
    return {
      ...plain,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: decoded(url.port),
      user: decoded(url.username),
      path: url.pathname === '/' ? null : decoded(url.pathname),
    }
  } catch {
    // A percent sign without two hex digits: nobody knows what was meant.
    return null
  }
}

function fromCommand(words: readonly string[]): TargetLine | null {
  const { place, flags } = splitFlags(words[0] === 'ssh' || words[0] === 'sftp' ? words.slice(1) : words)
  const port = flags.get('p') ?? flags.get('P') ?? null
  if (place === null || (port !== null && !/^\d{1,5}$/.test(port))) return null
  const [, user, host, path] = /^(?:([^@]+)@)?([^:]+)(?::(.+)?)?$/.exec(place) ?? []
  if (host === undefined) return null
  return { ...plain, host, port, user: user ?? flags.get('l') ?? null, path: path ?? null }
}

/** Splits `-p 22 user@host` into flags with values and the one place; `place` is null when there is none or more than one. */
function splitFlags(words: readonly string[]): { place: string | null; flags: ReadonlyMap<string, string> } {
  const flags = new Map<string, string>()
  const places: string[] = []
  const rest = [...words]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [, flag, glued] = /^-([pPlio])(.*)$/.exec(word) ?? []
    if (flag === undefined) places.push(word)
    else flags.set(flag, glued === '' || glued === undefined ? (rest.shift() ?? '') : glued)
  }
  const [place] = places
  return { place: places.length === 1 && place !== undefined && !place.startsWith('-') ? place : null, flags }
}

function withConfig(target: TargetLine, sshConfig: string): TargetLine {
  const found = lookUpSshHost(sshConfig, target.host)
  const identityFile = found.get('identityfile') ?? 'none'
  return {
    host: found.get('hostname')?.replaceAll('%h', target.host) ?? target.host,
    port: target.port ?? found.get('port') ?? null,
    user: target.user ?? found.get('user') ?? null,
    path: target.path,
    // `none` is how ssh_config(5) says that there is none.
    identityFile: identityFile === 'none' ? null : identityFile,
  }
}
