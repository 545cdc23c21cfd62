import { afterEach, describe, expect, it } from 'vitest'
import { openPage, settle, type Page } from '../page.ts'

let page: Page
afterEach(() => page.close())

async function press(
  key: string,
  options: KeyboardEventInit = {},
  on: Element = document.body,
): Promise<boolean> {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...options })
  on.dispatchEvent(event)
  await settle()
  return event.defaultPrevented
}

const focusedText = () => document.activeElement?.textContent.replace(/\s+/g, ' ').trim() ?? ''
const lockCalls = () => page.calls.filter(({ name }) => name === 'vault.lock')

describe('the keyboard', () => {
  it('moves through the rows of a list and stops at its ends', async () => {
    page = await openPage('/jobs', 'filled')
    const first = document.querySelector<HTMLElement>('[data-stop]')
    first?.focus()
    await press('ArrowDown', {}, document.activeElement ?? document.body)
    expect(focusedText()).toContain('Camera roll')
    await press('End', {}, document.activeElement ?? document.body)
    expect(focusedText()).toContain('Field recordings')
    expect(await press('ArrowDown', {}, document.activeElement ?? document.body)).toBe(false)
    await press('Home', {}, document.activeElement ?? document.body)
    expect(document.activeElement).toBe(first)
  })

  it('brings the focus to the search with a slash, except while a person types', async () => {
    page = await openPage('/servers', 'filled')
    await press('/')
    expect(document.activeElement?.getAttribute('role')).toBe('searchbox')
    expect(await press('/', {}, document.activeElement ?? document.body)).toBe(false)
  })

  it('starts something new with Ctrl+N', async () => {
    page = await openPage('/servers', 'filled')
    await press('n', { ctrlKey: true })
    expect(page.router.currentRoute.value.path).toBe('/servers/new')
  })

  it('locks with Ctrl+L, also over an open dialog', async () => {
    page = await openPage('/settings', 'filled')
    await page.click('Change…')
    await press('n', { ctrlKey: true })
    await press('l', { ctrlKey: true })
    expect(lockCalls()).toHaveLength(1)
    expect(page.text()).toContain('Fernsync is locked')
  })

  it('closes a dialog with Escape and keeps nothing that was typed', async () => {
    page = await openPage('/settings', 'filled')
    await page.click('Change…')
    await page.type('Current password', 'correct horse battery')
    const input = page.field('Current password')
    await press('Escape', {}, input)
    expect(document.querySelector('[role="dialog"]')).toBeNull()
    expect(input.value).toBe('')
  })
})
