import { afterEach, describe, expect, it, vi } from 'vitest'
import { fakeId } from '../../../renderer/api/fake/fake-data.ts'
import { openPage, settle, type Page } from '../page.ts'

const SECRET = 'tidal-Ember-47-crane'
let page: Page

async function reveal(): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] })
  page = await openPage(`/servers/${fakeId('c', 1)}`, 'filled')
  await page.click('Show: Password')
  expect(page.text()).toContain(SECRET)
}

afterEach(() => {
  page.close()
  vi.useRealTimers()
})

describe('a revealed secret', () => {
  it('goes after the time that the main side names', async () => {
    await reveal()
    vi.advanceTimersByTime(29_000)
    await settle()
    expect(page.text()).toContain('Hides in 1 s')
    vi.advanceTimersByTime(1_000)
    await settle()
    expect(document.body.innerHTML).not.toContain(SECRET)
  })

  it('goes when it is hidden', async () => {
    await reveal()
    await page.click('Hide')
    expect(document.body.innerHTML).not.toContain(SECRET)
  })

  it('goes with everything else when the vault locks', async () => {
    await reveal()
    await page.click('LockCtrl L')
    expect(document.body.innerHTML).not.toContain(SECRET)
    expect(page.text()).toContain('Fernsync is locked')
    expect(page.text()).not.toContain('Home NAS')
  })

  it('is emptied from its own node when the screen is left', async () => {
    await reveal()
    const node = [...document.querySelectorAll('code')].find((each) => each.textContent === SECRET)
    await page.router.push('/jobs')
    await settle()
    expect(node?.textContent).toBe('')
  })

  it('never crosses when it is copied', async () => {
    await reveal()
    const before = page.calls.length
    await page.click('Copy: Password')
    expect(page.calls.slice(before).map(({ name }) => name)).toEqual(['credentials.copy'])
    expect(page.text()).toContain('The clipboard is cleared in 20 seconds.')
  })
})
