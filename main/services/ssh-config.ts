/**
 * What ~/.ssh/config says of one host, by lower-case keyword; the first value of a keyword wins (ssh_config(5)). Only `Host`
 * blocks count: `Match` blocks may run commands and are passed over, `Include` is not followed.
 */
export function lookUpSshHost(config: string, host: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  let applies = true
  for (const line of config.split(/\r?\n/)) {
    const [, keyword, value] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? []
    if (keyword === undefined || value === undefined) continue
    const name = keyword.toLowerCase()
    if (name === 'match') applies = false
    else if (name === 'host') applies = matchesHost(value.split(/\s+/), host)
    else if (applies && !found.has(name)) found.set(name, value.replace(/^"(.*)"$/, '$1'))
  }
  return found
}

/** A pattern list of ssh_config(5): `*` and `?`, and `!` for exceptions that win over every match. */
function matchesHost(patterns: readonly string[], host: string): boolean {
  const matches = (pattern: string): boolean => {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')
    return new RegExp(`^${source}$`, 'i').test(host)
  }
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))) return false
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern))
}
