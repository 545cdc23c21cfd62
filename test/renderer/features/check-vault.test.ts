import { afterEach, describe, expect, it } from 'vitest'
import { openPage, type Page } from '../page.ts'

let page: Page | null = null

afterEach(() => {
  page?.close()
  page = null
})

const checks = (opened: Page) =>
  opened.calls.filter(({ name }) => name === 'vault.check').map(({ input }) => input)

describe('checking the vault', () => {
  it('asks for no password while it is open, and says the figures', async () => {
    page = await openPage('/settings', 'filled')
    await page.click('Check…')
    await page.click('Check')
    expect(page.text()).toContain('All intact')
    expect(page.text()).toContain('412 records, 1,903 tokens, 3 copies intact')
    expect(checks(page)).toEqual([{ proof: null, repair: false, allowSlowKdf: false }])
  })

  it('of a vault that does not open asks once, names what is damaged, repairs it and leads on to unlock', async () => {
    page = await openPage('/unlock', 'damaged')
    await page.click('Check and repair…')
    await page.click('Check')
    expect(page.text()).toContain('Enter your master password.')
    await page.type('Master password', 'correct horse battery')
    await page.click('Check')
    for (const words of ['Family NAS', 'Can be restored from copy 1', 'No copy has it: lost']) {
      expect(page.text()).toContain(words)
    }
    await page.click('Repair')
    expect(page.text()).toContain('Repaired as far as possible')
    expect(page.text()).toContain('old-vaults/20261123-101500-damaged')
    const proof = { password: new TextEncoder().encode('correct horse battery'), keyFile: null }
    expect(checks(page)).toEqual([
      { proof, repair: false, allowSlowKdf: false },
      { proof, repair: true, allowSlowKdf: false },
    ])
    await page.click('Go to unlock')
    expect(page.text()).toContain('Welcome back')
  })

  it('of a vault that takes long to open checks only after consent, which the repair has too', async () => {
    page = await openPage('/unlock', 'damaged', (api) => ({
      ...api,
      call: {
        ...api.call,
        'vault.check': (input) =>
          input.allowSlowKdf
            ? api.call['vault.check'](input)
            : Promise.resolve({
                ok: false,
                error: { code: 'slow-kdf', message: '', help: null, details: { seconds: 12 } },
              }),
      },
    }))
    await page.click('Check and repair…')
    await page.type('Master password', 'correct horse battery')
    await page.click('Check')
    expect(page.text()).toContain('It would take about 12 seconds.')
    await page.click('Allow it')
    expect(page.text()).toContain('Allowed for the next try.')
    await page.click('Check')
    await page.click('Repair')
    expect(page.text()).toContain('Repaired as far as possible')
  })

  it('asks for a key file as soon as the answer says that one is needed, and does not say which of the two is wrong', async () => {
    page = await openPage('/unlock', 'damaged-key-file')
    await page.click('Check and repair…')
    await page.type('Master password', 'correct horse battery')
    await page.click('Check')
    expect(page.text()).toContain('This vault opens with the password and a key file together.')
    expect(document.activeElement?.ariaLabel).toBe('Key file: Choose file…')
    await page.click('Check')
    expect(page.text()).toContain('Choose the key file, too.')
    expect(checks(page)).toHaveLength(1)
    await page.click('Key file: Choose file…')
    await page.type('Master password', 'not the right one')
    await page.click('Check')
    expect(page.text()).toContain('The password or the key file is wrong.')
    await page.type('Master password', 'correct horse battery')
    await page.click('Check')
    await page.click('Repair')
    expect(page.text()).toContain('Repaired as far as possible')
    expect(checks(page).at(-1)).toMatchObject({
      proof: { keyFile: '00112233445566778899aabbccddeeff' },
      repair: true,
    })
  })

  it('says that the password is wrong and asks again', async () => {
    page = await openPage('/unlock', 'damaged')
    await page.click('Check and repair…')
    await page.type('Master password', 'not the right one')
    await page.click('Check')
    expect(page.text()).toContain('The password is wrong.')
    expect(page.field('Master password')).toBeDefined()
  })
})
