import { afterEach, describe, expect, it } from 'vitest'
import type { Input } from '../../../main/contract/calls.ts'
import { FAKE_PASSWORD, FAKE_RECOVERY_KEY } from '../../../renderer/api/fake/fake-ways-in.ts'
import { openPage, settle, type Page } from '../page.ts'

let page: Page
afterEach(() => {
  page.close()
})

const changes = () =>
  page.calls
    .filter(({ name }) => name === 'vault.changePassword')
    .map(({ input }) => input as Input<'vault.changePassword'>)

async function submitDialog(): Promise<void> {
  const form = document.querySelector('[role="dialog"] form')
  if (form === null) throw new Error('no form in a dialog')
  form.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }))
  await settle()
}

describe('changing the password', () => {
  it('keeps the derivation in use, and asks for another only when one is chosen', async () => {
    page = await openPage('/settings', 'filled')
    for (const [choice, kdf] of [
      [null, null],
      ['Argon2id', 'argon2id'],
    ] as const) {
      await page.click('Change…')
      await page.type('Current password', FAKE_PASSWORD)
      await page.type('Choose a master password', 'another long password')
      await page.type('Type it again', 'another long password')
      const radio = document.querySelector<HTMLInputElement>('input[value="argon2id"]')
      if (choice !== null) radio?.click()
      await submitDialog()
      expect(changes().at(-1)?.kdf).toBe(kdf)
    }
  })
})

describe('changing the password by the recovery key', () => {
  const byRecovery = 'I do not know the password: use the recovery key'
  const choose = async (): Promise<void> => {
    await page.type('Choose a master password', 'another long password')
    await page.type('Type it again', 'another long password')
  }

  it('is offered only where there is one', async () => {
    page = await openPage('/settings', 'empty')
    await page.click('Change…')
    expect(page.text()).not.toContain(byRecovery)
  })

  it('sends the key in the place of the password, and keeps what was chosen when it was mistyped', async () => {
    page = await openPage('/settings', 'filled')
    await page.click('Change…')
    await page.type('Current password', 'half remembered')
    await page.click(byRecovery)
    expect(document.activeElement).toBe(page.field('Recovery key'))
    await choose()
    await submitDialog()
    expect(page.text()).toContain('Type your recovery key.')
    await page.type('Recovery key', FAKE_RECOVERY_KEY.slice(5))
    await submitDialog()
    expect(page.text()).toContain('This recovery key has a typing mistake.')
    await page.type('Recovery key', FAKE_RECOVERY_KEY)
    await submitDialog()
    expect(changes().map(({ proof }) => Object.keys(proof))).toEqual([['recoveryKey'], ['recoveryKey']])
    expect(page.text()).toContain('The master password was changed.')
    expect(document.body.innerHTML).not.toContain('7K2M')
  })

  it('leaves nothing typed behind when a person goes back to the password', async () => {
    page = await openPage('/settings', 'filled')
    await page.click('Change…')
    await page.click(byRecovery)
    const field = page.field('Recovery key')
    await page.type('Recovery key', FAKE_RECOVERY_KEY)
    await page.click('Use the current password instead')
    expect(field.value).toBe('')
    expect(document.activeElement).toBe(page.field('Current password'))
  })

  it('says that the key file is not needed any more afterwards', async () => {
    page = await openPage('/settings', 'filled-key-file')
    await page.click('Change…')
    expect(page.text()).not.toContain('The key file is not needed any more')
    await page.click(byRecovery)
    expect(page.text()).toContain('The key file is not needed any more')
    await page.type('Recovery key', FAKE_RECOVERY_KEY)
    await choose()
    await submitDialog()
    expect(page.button('Require…')).toBeDefined()
  })
})
