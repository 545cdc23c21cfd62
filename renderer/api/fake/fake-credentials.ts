import type { Input } from '../../../main/contract/calls.ts'
import type { Credential } from '../../../main/model/credential.ts'
import type { FakeHandlers, FakeWorld } from '../fake-api.ts'
import { refuse } from '../fake-api.ts'
import { fakeId, FAKE_NOW } from './fake-data.ts'
import { fakeTypes } from './fake-types.ts'

type CredentialCalls =
  | 'credentials.types'
  | 'credentials.list'
  | 'credentials.add'
  | 'credentials.edit'
  | 'credentials.remove'
  | 'credentials.reveal'
  | 'credentials.copy'

const isSet = (entry: [string, string | null]): entry is [string, string] => entry[1] !== null

/** Stored servers of the fake. */
export function credentialCalls(world: FakeWorld): FakeHandlers<CredentialCalls> {
  const now = new Date(FAKE_NOW).toISOString()
  const find = (id: string): Credential => {
    const found = world.credentials.find((each) => each.id === id)
    if (found === undefined) throw refuse('unknown-name')
    return found
  }

  return {
    'credentials.types': () => [...fakeTypes],
    'credentials.list': () => world.credentials,
    'credentials.add': ({ draft, secrets, secretFiles = {}, generated = {} }) => {
      if (world.credentials.some(({ name }) => name === draft.name)) throw refuse('name-taken')
      const id = fakeId('c', world.credentials.length + 10)
      const names = [secrets, secretFiles, generated].flatMap((given) => Object.keys(given))
      const stored = {
        ...draft,
        tags: draft.tags ?? [],
        expires: draft.expires ?? null,
        needsSignInHere: false,
        lastUsed: null,
        id,
        rev: 1,
        secrets: names,
        usedBy: [],
        blocked: null,
      }
      world.credentials = [...world.credentials, { ...stored, created: now, changed: now }]
      return { id, name: draft.name, rev: 1 }
    },
    'credentials.edit': (input) => {
      const next = edited(find(input.id), input)
      world.credentials = world.credentials.map((each) => (each.id === next.id ? next : each))
      return { id: next.id, name: next.name, rev: next.rev }
    },
    'credentials.remove': ({ id }) => {
      const old = find(id)
      if (old.usedBy.length > 0) throw refuse('in-use')
      world.credentials = world.credentials.filter((each) => each.id !== id)
      return { id, name: old.name, rev: old.rev + 1 }
    },
    'credentials.reveal': ({ field }) => ({
      value: new TextEncoder().encode(field === 'password' ? 'tidal-Ember-47-crane' : 'revealed value'),
      hideAfterMs: world.settings.hideRevealedMs,
    }),
    'credentials.copy': () => ({ clearsAfterMs: world.settings.clearClipboardMs }),
  }
}

function edited(
  old: Credential,
  { patch, secrets, secretFiles = {}, generated = {} }: Input<'credentials.edit'>,
): Credential {
  const given = [secrets, secretFiles, generated].flatMap((one) => Object.keys(one))
  const kept = old.secrets.filter((one) => !(patch.removeSecrets ?? []).includes(one))
  return {
    ...old,
    name: patch.name ?? old.name,
    fields: Object.fromEntries(Object.entries({ ...old.fields, ...patch.fields }).filter(isSet)),
    hostKey: patch.hostKey === undefined ? old.hostKey : patch.hostKey,
    secrets: [...new Set([...kept, ...given])],
    tags: patch.tags ?? old.tags,
    expires: patch.expires === undefined ? old.expires : patch.expires,
    blocked: null,
    rev: old.rev + 1,
  }
}
