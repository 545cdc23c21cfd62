import type { CredentialDraft } from '../../../main/model/credential.ts'
import type { TestResult } from '../../../main/contract/calls.ts'
import type { FakeHandlers, FakeWorld } from '../fake-api.ts'
import { refuse } from '../fake-api.ts'
import { fakeHostKey } from './fake-data.ts'

type ConnectionCalls =
  'credentials.parseTarget' | 'credentials.fetchHostKey' | 'credentials.test' | 'credentials.testDraft'

const steps = ['connect', 'host-key', 'sign-in', 'list', 'write'] as const

function testUpTo(failing: (typeof steps)[number] | null, code: string | null, hostKey: string): TestResult {
  const end = failing === null ? steps.length : steps.indexOf(failing) + 1
  return {
    ok: failing === null,
    steps: steps.slice(0, end).map((step) => ({
      step,
      ok: step !== failing,
      code: step === failing ? code : null,
      message: null,
    })),
    hostKey,
  }
}

/** Hosts named `down...` are unreachable, `changed...` show another key; a password `wrong...` is refused. */
function tryDraft(fields: CredentialDraft['fields'], secret: string): TestResult {
  const host = fields.host ?? ''
  if (host.startsWith('down')) return testUpTo('connect', 'unreachable', fakeHostKey(3))
  if (host.startsWith('changed')) return testUpTo('host-key', 'untrusted-server', fakeHostKey(4))
  if (secret.startsWith('wrong')) return testUpTo('sign-in', 'auth-failed', fakeHostKey(3))
  return testUpTo(null, null, fakeHostKey(3))
}

const TARGET = /^(?:ssh\s+|sftp:\/\/)?(?:([^@\s]+)@)?([\w.-]+?)(?::(\d+))?(?:\s+-p\s+(\d+))?(\/\S*)?$/

/** A host `known...` is in known_hosts, `differs...` with another key. */
function knownKeyOf(host: string): string | null {
  if (host.startsWith('known')) return fakeHostKey(3)
  return host.startsWith('differs') ? fakeHostKey(5) : null
}

/** Connections of the fake: what a line names, who a server is, how a test ends. */
export function connectionCalls(world: FakeWorld): FakeHandlers<ConnectionCalls> {
  return {
    'credentials.parseTarget': ({ line }) => {
      const match = TARGET.exec(line.trim())
      if (match?.[2] === undefined) return null
      const host = match[2]
      return {
        type: 'sftp',
        name: host,
        fields: { host, port: match[3] ?? match[4] ?? '22', user: match[1] ?? '' },
        path: match[5] ?? null,
        knownHostKey: knownKeyOf(host),
        identityFile: null,
      }
    },
    'credentials.fetchHostKey': ({ draft }) => {
      if (draft.fields.host?.startsWith('down')) throw refuse('unreachable')
      return { hostKey: fakeHostKey(3) }
    },
    'credentials.test': ({ id }) => {
      const stored = world.credentials.find((each) => each.id === id)
      if (stored === undefined) throw refuse('unknown-name')
      if (stored.blocked !== null) return testUpTo('sign-in', 'auth-failed', stored.hostKey ?? fakeHostKey(3))
      if (stored.hostKey === null) return testUpTo('host-key', 'unpinned-server', fakeHostKey(3))
      return testUpTo(null, null, stored.hostKey)
    },
    'credentials.testDraft': ({ draft, secrets }) =>
      tryDraft(draft.fields, new TextDecoder().decode(secrets.password ?? new Uint8Array())),
  }
}
