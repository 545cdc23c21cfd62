import { wipe } from '../crypto/bytes.ts'
import { parseStrictJson } from '../store/strict-json.ts'
import { protocolOf } from './csv.ts'
import { columnKey } from './csv-table.ts'
import type { FoundEntry } from './found-entry.ts'
import { ownCredentialEntry, OwnCredentialText } from './own-credential.ts'
import type { RowFacts } from './sealed-row.ts'

const MAX_PAYLOAD_BYTES = 512 * 1024

/**
 * What a decrypted secret stands for: the password itself, or a JSON object that names the parts of a sign-in, flat or with
 * `fields` and `secrets` in it. What the object says wins over the row, because it was authenticated. Takes `plain` over: it is
 * wiped here or becomes the password.
 */
export function entryOf(facts: RowFacts, plain: Uint8Array): FoundEntry {
  const object = objectOf(plain)
  if (object === null) return { ...facts, protocol: protocolOf(facts.protocol), password: plain }
  wipe(plain)
  const own = OwnCredentialText.safeParse(object)
  if (own.success) return ownCredentialEntry(own.data)
  const values = flatten(object)
  const pick = (...names: readonly string[]): string | undefined => {
    const found = names.find((name) => values.has(name))
    return found === undefined ? undefined : values.get(found)
  }
  return {
    name: pick('name', 'title') ?? facts.name,
    protocol: protocolOf(pick('type', 'protocol') ?? facts.protocol),
    host: pick('host', 'hostname', 'server') ?? facts.host,
    port: pick('port') ?? facts.port,
    user: pick('user', 'username', 'login') ?? facts.user,
    password: pick('password', 'pass', 'secret'),
    privateKey: pick('privatekey'),
    passphrase: pick('passphrase'),
  }
}

/** Null for everything that is not a JSON object with a part of a sign-in in it: then it is a password that looks strange. */
function objectOf(plain: Uint8Array): object | null {
  if (plain[0] !== 0x7b) return null
  try {
    const value = parseStrictJson(plain, { maxBytes: MAX_PAYLOAD_BYTES, maxDepth: 4, numbers: 'any' })
    if (typeof value !== 'object' || value === null) return null
    const names = [...flatten(value).keys()]
    if (OwnCredentialText.safeParse(value).success) return value
    return names.some((name) => ['host', 'password', 'pass', 'secret', 'privatekey'].includes(name))
      ? value
      : null
  } catch {
    return null
  }
}

/** Texts and numbers of the object and of its `fields` and `secrets`, by name as columns are compared. */
function flatten(object: object): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  const entries: [string, unknown][] = Object.entries(object)
  for (const [name, value] of entries) {
    const isGroup = name === 'fields' || name === 'secrets'
    if (isGroup && typeof value === 'object' && value !== null)
      for (const [inner, innerValue] of flatten(value)) values.set(inner, innerValue)
    else if (typeof value === 'string' || typeof value === 'number')
      values.set(columnKey(name), String(value))
  }
  return values
}
