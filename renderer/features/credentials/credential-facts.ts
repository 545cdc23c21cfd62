import type { CredentialTypeInfo } from '../../../main/contract/calls.ts'
import type { Credential } from '../../../main/model/credential.ts'
import { momentWords } from '../../../main/messages/en/words.ts'
import { texts } from '../../i18n/en.ts'
import { credentialPlace } from './credential-place.ts'

/** One row of a detail screen, and how its value is shown. `hostKey` and `usedBy` have slots of their own there. */
export type CredentialFact = {
  readonly key: string
  readonly label: string
  readonly value: string | null
  readonly kind: 'text' | 'code' | 'secret' | 'key' | 'end'
  /** Name of the secret. */
  readonly field: string
}

const days = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
})

/** Everything about a credential that a person may see, in the order of its kind's table; secrets by name only. */
export function factsOf(
  credential: Credential,
  kind: CredentialTypeInfo | null,
  now: number,
): CredentialFact[] {
  const { type, expires, lastUsed } = credential
  const words = texts.credentials
  const row = (key: string, value: string | null, more: Partial<CredentialFact> = {}): CredentialFact => ({
    key,
    label: words.label(key),
    value,
    kind: 'text',
    field: key,
    ...more,
  })
  const server = texts.servers.fields
  return [
    ...(type === 'sftp'
      ? [row('address', credentialPlace(credential), { label: server.address, kind: 'code' })]
      : []),
    ...plainFacts(credential, kind).map(({ name, value }) => row(name, value, { kind: kindOf(name) })),
    ...secretNames(credential, kind).map((name) =>
      row(`secret-${name}`, null, { label: words.label(name), kind: 'secret', field: name }),
    ),
    ...(kind?.hasIdentity === true ? [row('hostKey', server.hostKeyNone)] : []),
    ...(expires === null
      ? []
      : [row('expires', days.format(new Date(`${expires}T00:00:00Z`)), { kind: 'end' })]),
    ...(kind?.connects === false ? [] : [row('usedBy', server.usedByNone, { label: server.usedBy })]),
    ...(lastUsed === null
      ? []
      : [
          row('lastUsed', words.lastUsedBy(lastUsed.name, momentWords(lastUsed.at, { now })), {
            label: words.lastUsed,
          }),
        ]),
    row('changed', momentWords(credential.changed, { now }), { label: server.changed }),
  ]
}

/** The address of an SSH server is one line; of other kinds each field says something of its own. */
function plainFacts(
  { type, fields }: Credential,
  kind: CredentialTypeInfo | null,
): { name: string; value: string }[] {
  const inAddress = type === 'sftp' ? ['host', 'port', 'user'] : []
  return (kind?.fields ?? []).flatMap(({ name, type: fieldType, defaultValue }) => {
    const value = fields[name]
    if (value === undefined || value === '' || fieldType === 'secret' || inAddress.includes(name)) return []
    if (fieldType === 'boolean')
      return value === 'true'
        ? [{ name, value: name === 'agent' ? texts.servers.fields.agentUsed : texts.credentials.yes }]
        : []
    if (fieldType === 'choice') return [{ name, value: texts.credentials.choice(value) }]
    return value === defaultValue && name === 'port' ? [] : [{ name, value }]
  })
}

function kindOf(name: string): CredentialFact['kind'] {
  if (name === 'publicKey') return 'key'
  return ['agent', 'provider', 'tls', 'pathStyle', 'account', 'share'].includes(name) ? 'text' : 'code'
}

/** In the order of the table, free ones after it, notes last. */
function secretNames({ secrets }: Credential, kind: CredentialTypeInfo | null): string[] {
  const known = (kind?.fields ?? []).map(({ name }) => name)
  const rank = (name: string): number =>
    name === 'notes' ? Number.MAX_SAFE_INTEGER : known.includes(name) ? known.indexOf(name) : known.length
  return [...secrets].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
}
