import { afterEach, describe, expect, it } from 'vitest'
import { activityRows } from '../../../renderer/features/activity/activity-rows.ts'
import { auditSentence } from '../../../main/messages/en/audit.ts'
import { AuditDetail } from '../../../main/model/audit.ts'
import type { AuditEntry } from '../../../main/model/audit.ts'
import { fakeId } from '../../../renderer/api/fake/fake-data.ts'
import { openPage, type Page } from '../page.ts'

let page: Page | null = null

afterEach(() => {
  page?.close()
  page = null
})

const entry = (n: number, time: string, changes: Partial<AuditEntry> = {}): AuditEntry => ({
  ...AuditDetail.parse({ time, event: 'revealed' }),
  n,
  ...changes,
})

describe('activityRows', () => {
  it('puts each local day under one heading, newest first', () => {
    const rows = activityRows([
      entry(3, '2026-11-23T12:00:00.000Z'),
      entry(2, '2026-11-23T11:00:00.000Z'),
      entry(1, '2026-11-20T12:00:00.000Z'),
    ])
    expect(rows.map((row) => (row.kind === 'day' ? 'day' : row.entry.n))).toEqual(['day', 3, 2, 'day', 1])
    expect(new Set(rows.map(({ key }) => key)).size).toBe(5)
  })
})

describe('auditSentence', () => {
  it.each([
    [{ event: 'revealed', field: 'password' }, 'Password shown'],
    [{ event: 'copied', field: 'privateKey' }, 'Private key copied'],
    [{ event: 'copied', field: 'apiToken' }, 'apiToken copied'],
    [{ event: 'unlocked', failures: 0 }, 'Unlocked'],
    [{ event: 'unlocked', failures: 1 }, 'Unlocked after 1 failed attempt'],
    [
      { event: 'unlocked', failures: 3, detail: 'keychain' },
      'Unlocked with the keychain after 3 failed attempts',
    ],
    [{ event: 'imported', count: 1 }, '1 sign-in imported'],
    [{ event: 'exported', count: 2, detail: 'csv' }, '2 sign-ins exported in clear as CSV'],
    [{ event: 'exported', detail: 'portable' }, 'Exported under a password of its own'],
    [{ event: 'exported', detail: 'vault' }, 'Encrypted copy of the vault exported'],
    [{ event: 'password-changed' }, 'Master password changed'],
    [{ event: 'password-changed', detail: 'recovery key' }, 'Master password changed with the recovery key'],
    [{ event: 'granted', job: { id: 'x', name: 'Photos' } }, 'Handed to job Photos'],
  ] as const)('says %o as "%s"', (changes, words) => {
    expect(auditSentence(entry(1, '2026-11-23T12:00:00.000Z', changes))).toBe(words)
  })
})

describe('the activity screen', () => {
  it('keeps only the rows in sight in the page and loads older ones on demand', async () => {
    page = await openPage('/activity', 'filled')
    expect(page.text()).toContain('Password shown · Home NAS')
    expect(document.querySelectorAll('[role="listitem"]').length).toBeLessThan(60)
    await page.click('Show older')
    const asked = page.calls.filter(({ name }) => name === 'vault.activity').map(({ input }) => input)
    expect(asked).toEqual([
      { before: null, limit: 200, credential: null },
      { before: 41, limit: 200, credential: null },
    ])
    expect(page.text()).not.toContain('Show older')
  })

  it('shows one server without repeating its name', async () => {
    page = await openPage(`/activity/${fakeId('c', 1)}`, 'filled')
    const asked = page.calls.filter(({ name }) => name === 'vault.activity').map(({ input }) => input)
    expect(asked).toEqual([{ before: null, limit: 200, credential: fakeId('c', 1) }])
    expect(page.text()).toContain('Password shown')
    expect(page.text()).not.toContain('· Home NAS')
  })

  it('warns in words when the record was tampered with, and does not call it whole', async () => {
    page = await openPage('/activity', 'tampered')
    const alert = document.querySelector('[role="alert"]')?.textContent ?? ''
    expect(alert).toContain('Someone changed this record outside Fernsync')
    expect(alert).toContain('at entry 120 the entries before it are gone')
    expect(page.text()).not.toContain('none edited')
  })

  it('says what will appear when there is nothing', async () => {
    page = await openPage('/activity', 'empty')
    expect(page.text()).toContain('Nothing yet')
  })
})
