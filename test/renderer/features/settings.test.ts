import { afterEach, describe, expect, it } from 'vitest'
import {
  limitMs,
  limitOptions,
  limitValue,
  type LockLimit,
} from '../../../renderer/features/settings/setting-choices.ts'
import { openPage, settle, type Page } from '../page.ts'

let page: Page | null = null

afterEach(() => {
  page?.close()
  page = null
})

async function choose(opened: Page, label: string, option: string): Promise<void> {
  // Fields of this screen with these labels are selects.
  const select = opened.field(label) as unknown as HTMLSelectElement
  const wanted = [...select.options].find((each) => each.label === option)
  if (wanted === undefined)
    throw new Error(`no "${option}" among ${[...select.options].map((each) => each.label).join(', ')}`)
  select.value = wanted.value
  select.dispatchEvent(new Event('change', { bubbles: true }))
  await settle()
}

function chosen(opened: Page, label: string): string | undefined {
  const select = opened.field(label) as unknown as HTMLSelectElement
  return select.selectedOptions[0]?.label
}

const closed = 'Lock when the window has been closed for'
const session = 'Lock at the latest after'

describe('the times of locking', () => {
  it('show what is in force', async () => {
    page = await openPage('/settings', 'filled')
    expect([chosen(page, 'Lock when I am away for'), chosen(page, closed), chosen(page, session)]).toEqual([
      '5 minutes',
      '5 minutes',
      '12 hours',
    ])
  })

  it.for([
    [closed, '1 minute', { lockAfterClosedMs: 60_000 }],
    [closed, '15 minutes', { lockAfterClosedMs: 900_000 }],
    [closed, 'Never', { lockAfterClosedMs: null }],
    [session, '1 hour', { lockAfterSessionMs: 3_600_000 }],
    [session, '24 hours', { lockAfterSessionMs: 86_400_000 }],
    [session, 'Never', { lockAfterSessionMs: null }],
  ] as const)('save "%s %s" at once and nothing else', async ([label, option, change]) => {
    page = await openPage('/settings', 'filled')
    await choose(page, label, option)
    expect(page.calls.filter(({ name }) => name === 'settings.set')).toEqual([
      { name: 'settings.set', input: change },
    ])
    expect(chosen(page, label)).toBe(option)
  })

  it('say of the longest session what counts, in words that a screen reader reads with it', async () => {
    page = await openPage('/settings', 'filled')
    const hint = page.field(session).getAttribute('aria-describedby') ?? ''
    expect(document.getElementById(hint)?.textContent).toContain('sleep included')
  })
})

describe('limitOptions', () => {
  it.for([
    ['lockAfterIdleMs', ['1 minute', '5 minutes', '15 minutes', '1 hour', 'Never']],
    ['lockAfterClosedMs', ['1 minute', '5 minutes', '15 minutes', 'Never']],
    ['lockAfterSessionMs', ['1 hour', '4 hours', '8 hours', '12 hours', '24 hours', 'Never']],
  ] as const)('offers the times of %s', ([limit, labels]) => {
    expect(limitOptions(limit, null).map(({ label }) => label)).toEqual(labels)
  })

  it('puts a time that was set elsewhere in its place', () => {
    const labels = limitOptions('lockAfterSessionMs', 2 * 3_600_000).map(({ label }) => label)
    expect(labels.slice(0, 3)).toEqual(['1 hour', '2 hours', '4 hours'])
  })

  it.for(['lockAfterIdleMs', 'lockAfterClosedMs', 'lockAfterSessionMs'] satisfies LockLimit[])(
    'has values of %s that read back as what they stand for',
    (limit) => {
      for (const { value } of limitOptions(limit, null)) expect(limitValue(limitMs(value))).toBe(value)
    },
  )
})
