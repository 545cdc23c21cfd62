import { describe, expect, it } from 'vitest'
import type { Notice } from '../../../main/core/ports/notifier.ts'
import { daysUntil, expiryTone, expiryWords } from '../../../main/messages/en/expiry.ts'
import { createExpiryReminders } from '../../../main/services/expiry-reminders.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'
import { captureLog, openStore, uuid } from '../core/jobs/support.ts'

const day = 24 * 60 * 60_000
const noon = new Date(2026, 0, 2, 12).getTime()

async function setUp(expires: string | null) {
  const { store } = await openStore()
  const clock = createFakeClock(noon)
  const shown: Notice[] = []
  const cleared: string[] = []
  const paths: string[] = []
  const vault = { open: true, expires, name: 'Drive' }
  const make = () =>
    createExpiryReminders({
      store,
      clock,
      log: captureLog(),
      notifier: { show: (notice) => void shown.push(notice), clear: (key) => void cleared.push(key) },
      emit: (name, value) => {
        if (name === 'app.navigate' && 'path' in value) paths.push(value.path)
      },
      // reason: of the vault only the list is read
      vault: {
        isUnlocked: () => vault.open,
        unlocked: () => ({
          listCredentials: () => Promise.resolve([{ id: uuid(1), name: vault.name, expires: vault.expires }]),
        }),
      } as never,
    })
  return { store, clock, shown, cleared, paths, vault, make, reminders: make() }
}

describe('createExpiryReminders', () => {
  it('tells 14 days before and on the day, once each', async () => {
    const { reminders, clock, shown } = await setUp('2026-01-17')
    await reminders.check()
    expect(shown).toEqual([])
    await clock.advance(day)
    await clock.advance(3 * day)
    expect(shown.map(({ title, body }) => [title, body])).toEqual([
      ['Drive', 'Expires in 14 days. Get a new password or key and store it here.'],
    ])
    await clock.advance(12 * day)
    expect(shown.map(({ body }) => body.split('.')[0])).toEqual(['Expires in 14 days', 'Expires today'])
  })

  it('does not repeat itself after a restart, and keeps no date in clear', async () => {
    const { make, shown, store } = await setUp('2026-01-10')
    await make().check()
    await make().check()
    expect(shown).toHaveLength(1)
    expect(store.getFact('expiry-told')).not.toContain('2026')
  })

  it('tells anew of a new day, and takes the notice back when the end moves away or goes', async () => {
    const { reminders, vault, shown, cleared } = await setUp('2026-01-10')
    await reminders.check()
    vault.expires = '2026-01-11'
    await reminders.check()
    expect(shown).toHaveLength(2)
    vault.expires = null
    await reminders.check()
    vault.expires = '2027-01-01'
    await reminders.check()
    expect(cleared).toEqual([`expiry:${uuid(1)}`, `expiry:${uuid(1)}`])
  })

  it('leads to the credential', async () => {
    const { reminders, shown, paths } = await setUp('2026-01-02')
    await reminders.check()
    shown[0]?.onClick?.()
    expect(paths).toEqual([`/servers/${uuid(1)}`])
  })

  it('rests while the vault is locked', async () => {
    const { reminders, clock, shown, vault } = await setUp('2026-01-02')
    vault.open = false
    await reminders.check()
    await clock.advance(day)
    expect([shown, clock.pending]).toEqual([[], 0])
  })
})

describe('expiryWords', () => {
  it.for([
    ['2026-01-14', 'Expires in 12 days', 'soon'],
    ['2026-01-17', 'Expires in 15 days', 'later'],
    ['2026-01-03', 'Expires tomorrow', 'soon'],
    ['2026-01-02', 'Expires today', 'over'],
    ['2026-01-01', 'Expired yesterday', 'over'],
    ['2025-12-30', 'Expired 3 days ago', 'over'],
  ] as const)('says of %s: %s', ([date, words, tone]) => {
    const days = daysUntil(date, noon)
    expect([expiryWords(days), expiryTone(days)]).toEqual([words, tone])
  })

  it('counts calendar days, at any hour', () => {
    const late = new Date(2026, 0, 2, 23, 59).getTime()
    const early = new Date(2026, 0, 2, 0, 1).getTime()
    expect([daysUntil('2026-01-03', late), daysUntil('2026-01-03', early)]).toEqual([1, 1])
  })
})
