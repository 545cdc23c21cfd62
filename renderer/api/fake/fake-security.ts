import type { AuditPage, AuditQuery } from '../../../main/model/audit.ts'
import type { VaultCheck } from '../../../main/model/vault-check.ts'
import type { FakeHandlers, FakeWorld } from '../fake-api.ts'
import { refuse } from '../fake-api.ts'
import { fakeId } from './fake-data.ts'
import { fakeSlots } from './fake-slots.ts'
import { requireProof } from './fake-ways-in.ts'

type SecurityCalls = 'vault.check' | 'vault.activity'

const found: VaultCheck = {
  ok: true,
  vault: fakeId('f', 1),
  faults: [],
  records: 412,
  tokens: 1903,
  damaged: [],
  local: { state: 'intact', records: 6, lost: 0 },
  generations: [1, 2, 3].map((n) => ({ n, state: 'intact', records: 412 - n, damaged: 0 })),
  repaired: false,
  keptAs: null,
}

const damages: VaultCheck['damaged'] = [
  {
    id: fakeId('b', 1),
    name: 'Family NAS',
    kind: 'credential',
    parts: [{ part: 'secret', rev: 4, fault: 'not-opened' }],
    remedy: 'restore',
    generation: 1,
    rev: 4,
    changed: '2026-11-20T09:12:00.000Z',
    dropped: 0,
  },
  {
    id: fakeId('b', 2),
    name: 'Photo archive',
    kind: 'credential',
    parts: [{ part: 'history', rev: 2, fault: 'not-opened' }],
    remedy: 'mend',
    generation: null,
    rev: 5,
    changed: '2026-11-22T18:40:00.000Z',
    dropped: 1,
  },
  {
    id: null,
    name: null,
    kind: null,
    parts: [{ part: 'record', rev: null, fault: 'unreadable' }],
    remedy: 'lost',
    generation: null,
    rev: null,
    changed: null,
    dropped: 0,
  },
]

type Entry = AuditPage['entries'][number]

const happenings: readonly Partial<Entry>[] = [
  { event: 'revealed', field: 'password' },
  { event: 'copied', field: 'password' },
  { event: 'unlocked', failures: 2 },
  { event: 'used' },
  { event: 'edited' },
  { event: 'unlocked', failures: 0, detail: 'keychain' },
  { event: 'granted' },
  { event: 'settings-changed' },
  { event: 'imported', count: 3 },
  { event: 'added' },
  { event: 'password-changed' },
  { event: 'created' },
]
const aboutCredential: readonly unknown[] = ['revealed', 'copied', 'used', 'edited', 'granted', 'added']
const hourMs = 3_600_000

/** A few weeks of believable days, newest first. */
function fakeEntries({ credentials, jobs }: FakeWorld): Entry[] {
  return Array.from({ length: 240 }, (_, index) => {
    const happened = happenings[index % happenings.length] ?? {}
    const credential = credentials[Math.floor(index / 3) % Math.max(1, credentials.length)]
    const job = jobs[index % Math.max(1, jobs.length)]
    const isOfOne = aboutCredential.includes(happened.event)
    return {
      n: 240 - index,
      time: new Date(Date.now() - index * index * 0.02 * hourMs - index * 60_000).toISOString(),
      event: 'revealed',
      credential: isOfOne && credential !== undefined ? { id: credential.id, name: credential.name } : null,
      field: null,
      job: happened.event === 'granted' && job !== undefined ? { id: job.id, name: job.name } : null,
      count: null,
      failures: null,
      detail: null,
      note: null,
      missed: 0,
      ...happened,
    }
  })
}

function activity(world: FakeWorld, { before, limit, credential }: AuditQuery): AuditPage {
  const all = world.options.scenario === 'empty' ? [] : fakeEntries(world)
  const wanted = all.filter(
    (entry) =>
      (before === null || entry.n < before) && (credential === null || entry.credential?.id === credential),
  )
  return {
    entries: wanted.slice(0, limit),
    more: wanted.length > limit,
    total: all.length,
    problems: world.options.scenario === 'tampered' ? [{ n: 120, what: 'removed' }] : [],
    torn: false,
    unwritten: 0,
  }
}

/** Checks and the record of activity. A damaged vault shows damages, and opens once it is repaired. */
export function securityCalls(world: FakeWorld): FakeHandlers<SecurityCalls> {
  return {
    'vault.activity': (query) => activity(world, query),
    'vault.check': ({ proof, repair }) => {
      const { state } = world.status
      if (state !== 'unlocked' && state !== 'locked' && state !== 'damaged' && state !== 'missing') {
        throw refuse('no-vault')
      }
      if (state !== 'unlocked') {
        if (proof === null) throw refuse('locked')
        requireProof(world, proof)
      }
      if (state === 'unlocked' || state === 'locked') return found
      const report: VaultCheck = { ...found, ok: false, faults: ['unreadable', 'changed'], damaged: damages }
      if (!repair) return report
      const needsFile = world.options.scenario === 'damaged-key-file'
      world.status = { ...world.status, state: 'locked', slots: fakeSlots(needsFile ? 'key-file' : 'locked') }
      return { ...report, repaired: true, keptAs: 'old-vaults/20261123-101500-damaged' }
    },
  }
}
