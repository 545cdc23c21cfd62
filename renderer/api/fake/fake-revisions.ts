import type { RevisionInfo } from '../../../main/model/revision.ts'
import type { FakeHandlers, FakeWorld } from '../fake-api.ts'
import { refuse } from '../fake-api.ts'
import { ago, FAKE_NOW, fakeId } from './fake-data.ts'

type RevisionCalls =
  | 'credentials.revisions'
  | 'credentials.restore'
  | 'credentials.purgeRevisions'
  | 'generate.password'
  | 'generate.sshKey'
  | 'generate.copy'

const DAY = 86_400_000
const token = (n: number): string => n.toString(16).padStart(32, '0')
const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk1o8fJvX0Qe6b2n3Wm7pTq9rVyLkZd4sCgAhBuExNf mira@desk'

/** Old states and made secrets of the fake. Servers have a past until it is erased or they were never changed. */
export function revisionCalls(world: FakeWorld): FakeHandlers<RevisionCalls> {
  const erased = new Set<string>()
  let made = 0

  const revisions = (id: string): RevisionInfo[] => {
    const found = world.credentials.find((each) => each.id === id)
    if (found === undefined) throw refuse('unknown-name')
    const { rev, name, secrets, changed } = found
    const base = { device: 'This computer', name, secrets, hasSecrets: true }
    const current = { ...base, rev, at: changed, isCurrent: true, changes: rev > 1 ? ['password'] : [] }
    if (rev === 1 || erased.has(id)) return [current]
    const older = { ...base, isCurrent: false }
    return [
      current,
      { ...older, rev: rev - 1, at: ago(120 * DAY), changes: ['host', 'hostKey', 'password'] },
      {
        ...older,
        rev: rev - 2,
        at: ago(300 * DAY),
        changes: [],
        secrets: [],
        hasSecrets: false,
        name: 'nas',
      },
    ].filter((one) => one.rev > 0)
  }

  return {
    'credentials.revisions': ({ id }) => revisions(id),
    'credentials.restore': ({ id, rev }) => {
      const now = new Date(FAKE_NOW).toISOString()
      const old = revisions(id).find((one) => one.rev === rev)
      const current = world.credentials.find((each) => each.id === id)
      if (old === undefined || current === undefined) throw refuse('unknown-name')
      const next = { ...current, name: old.name, rev: current.rev + 1, changed: now }
      world.credentials = world.credentials.map((each) => (each.id === id ? next : each))
      return { id, name: next.name, rev: next.rev }
    },
    'credentials.purgeRevisions': ({ id }) => {
      for (const each of world.credentials) if (id === null || id === each.id) erased.add(each.id)
      return { purged: id === null ? world.credentials.length : 1 }
    },
    'generate.password': ({ length = 20 }) => {
      made += 1
      return { token: token(made), bits: length * 6.5 }
    },
    'generate.sshKey': () => {
      made += 1
      return { token: token(made), publicLine: publicKey, fingerprint: `SHA256:${fakeId('k', 1)}` }
    },
    'generate.copy': () => ({ clearsAfterMs: world.settings.clearClipboardMs }),
  }
}
