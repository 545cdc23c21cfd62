import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../../main/core/crypto/bytes.ts'
import type { VaultApi } from '../../../../main/core/vault/vault-api.ts'
import { codeOf, createUnlocked, credential, job } from './kit.ts'

async function reveal(vault: VaultApi, id: string, field = 'password'): Promise<string> {
  return fromUtf8(await vault.revealSecret(id, field))
}

async function present(vault: VaultApi, id: string) {
  const found = (await vault.listCredentials()).find((one) => one.id === id)
  if (found === undefined) throw new Error('gone')
  return found
}

/** One credential with `count` revisions, each with a password of its own. */
async function withRevisions(count: number) {
  const kit = await createUnlocked()
  const { id } = await kit.vault.addCredential(credential('nas'), { password: utf8('pw1') })
  for (let rev = 2; rev <= count; rev += 1) {
    await kit.clock.advance(60_000)
    await kit.vault.editCredential(id, {}, { password: utf8(`pw${rev}`) })
  }
  return { ...kit, id }
}

describe('listRevisions', () => {
  it('says of each state when, where and what changed, newest first, and never a value', async () => {
    const { vault, clock } = await createUnlocked()
    const { id } = await vault.addCredential(credential('nas'), { password: utf8('first-secret') })
    await clock.advance(60_000)
    const patch = { name: 'NAS 2', tags: ['home'], fields: { user: 'bob' }, expires: '2027-01-31' }
    await vault.editCredential(id, patch, { password: utf8('second-secret'), notes: utf8('n') })
    const listed = await vault.listRevisions(id)
    expect(listed).toEqual([
      {
        rev: 2,
        at: '2026-01-02T03:05:05.000Z',
        device: 'desk',
        isCurrent: true,
        name: 'NAS 2',
        secrets: ['notes', 'password'],
        hasSecrets: true,
        changes: ['name', 'tags', 'expires', 'user', 'notes', 'password'],
      },
      {
        rev: 1,
        at: '2026-01-02T03:04:05.000Z',
        device: 'desk',
        isCurrent: false,
        name: 'nas',
        secrets: ['password'],
        hasSecrets: true,
        changes: [],
      },
    ])
    expect(JSON.stringify(listed)).not.toContain('-secret')
  })

  it('keeps the secrets of five old states and the rest of twenty', async () => {
    const { vault, id } = await withRevisions(23)
    const listed = await vault.listRevisions(id)
    expect([listed.length, listed.filter(({ hasSecrets }) => hasSecrets).length]).toEqual([21, 6])
  })

  it("tells a change of this device's own data too", async () => {
    const { vault } = await createUnlocked()
    const { id } = await vault.addCredential(credential('nas'), {})
    await vault.editCredential(id, { fields: { agent: 'true' } }, {})
    expect((await vault.listRevisions(id))[0]?.changes).toEqual(['agent'])
  })

  it('answers unknown-name for what is not a credential', async () => {
    const { vault, id } = await withRevisions(1)
    const added = await vault.addJob(job('photos', id))
    expect(await codeOf(vault.listRevisions(added.id))).toBe('unknown-name')
  })
})

describe('revealRevision', () => {
  it('shows one secret as it was, as long as it is kept', async () => {
    const { vault, id } = await withRevisions(8)
    expect(fromUtf8(await vault.revealRevision(id, 3, 'password'))).toBe('pw3')
    expect([
      await codeOf(vault.revealRevision(id, 2, 'password')),
      await codeOf(vault.revealRevision(id, 3, 'toString')),
      await codeOf(vault.revealRevision(id, 99, 'password')),
    ]).toEqual(['unknown-name', 'unknown-name', 'unknown-name'])
  })
})

describe('restoreRevision', () => {
  it('brings a state back as a new revision, with its server, secrets, tags and end', async () => {
    const { vault } = await createUnlocked()
    const first = credential('nas', { hostKey: 'SHA256:a', tags: ['home'], expires: '2027-01-31' })
    const { id } = await vault.addCredential(first, { password: utf8('old') })
    const patch = { name: 'moved', fields: { host: 'other' }, hostKey: 'SHA256:b', tags: [], expires: null }
    await vault.editCredential(id, patch, { password: utf8('new') })
    const restored = await vault.restoreRevision(id, 1)
    const now = await present(vault, id)
    expect([restored.rev, await reveal(vault, id)]).toEqual([3, 'old'])
    expect(now).toMatchObject({ ...first, secrets: ['password'] })
    expect((await vault.listRevisions(id)).length).toBe(3)
  })

  it('keeps the present secrets where those of then are gone, for the same server only', async () => {
    const { vault, id } = await withRevisions(8)
    await vault.restoreRevision(id, 1)
    expect(await reveal(vault, id)).toBe('pw8')
    await vault.editCredential(id, { fields: { host: 'other' } }, { password: utf8('x'), notes: utf8('n') })
    await vault.restoreRevision(id, 2)
    expect((await present(vault, id)).secrets).toEqual(['notes'])
  })

  it('brings back what this device alone knew then', async () => {
    const { vault } = await createUnlocked()
    const draft = credential('Drive', { type: 'oauth', fields: { account: 'mira' } })
    const { id } = await vault.addCredential(draft, { token: utf8('t1') })
    await vault.editCredential(id, {}, { token: utf8('t2') })
    await vault.restoreRevision(id, 1)
    expect(await reveal(vault, id, 'token')).toBe('t1')
  })

  it('keeps what this device learned since, when it knew nothing of its own then', async () => {
    const { vault } = await createUnlocked()
    const draft = credential('Drive', { type: 'oauth', fields: { account: 'mira' } })
    const { id } = await vault.addCredential(draft, {})
    await vault.editCredential(id, { tags: ['x'] }, { token: utf8('t') })
    await vault.restoreRevision(id, 1)
    expect(await present(vault, id)).toMatchObject({ tags: [], secrets: ['token'], needsSignInHere: false })
  })

  it('refuses a name that was given away since, a revision that is not kept, and the present one', async () => {
    const { vault } = await createUnlocked()
    const { id } = await vault.addCredential(credential('nas'), {})
    await vault.editCredential(id, { name: 'other' }, {})
    await vault.addCredential(credential('NAS'), {})
    expect([
      await codeOf(vault.restoreRevision(id, 1)),
      await codeOf(vault.restoreRevision(id, 7)),
      await codeOf(vault.restoreRevision(id, 2)),
    ]).toEqual(['name-taken', 'unknown-name', 'bad-request'])
  })
})

describe('what is done with old states', () => {
  it('is written down with the name, the field and the revision, and no value', async () => {
    const { vault, id } = await withRevisions(3)
    await vault.revealRevision(id, 1, 'password')
    await vault.revealRevision(id, 2, 'password', 'clipboard')
    await vault.restoreRevision(id, 1)
    await vault.purgeRevisions(id)
    const { entries } = await vault.auditEntries({ before: null, limit: 4, credential: id })
    expect(entries.map(({ event, field, detail, count }) => [event, field, detail, count])).toEqual([
      ['history-purged', null, null, 1],
      ['history-restored', null, 'revision 1', null],
      ['history-revealed', 'password', 'revision 2, copied', null],
      ['history-revealed', 'password', 'revision 1', null],
    ])
    expect(JSON.stringify(entries)).not.toContain('pw1')
  })
})
