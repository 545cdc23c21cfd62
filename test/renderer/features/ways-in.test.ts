import { afterEach, describe, expect, it } from 'vitest'
import type { Api } from '../../../main/contract/api.ts'
import type { CallName, Input } from '../../../main/contract/calls.ts'
import { FAKE_PASSWORD, FAKE_RECOVERY_KEY } from '../../../renderer/api/fake/fake-ways-in.ts'
import { fullGroups, groupedKey } from '../../../renderer/proofs/recovery-text.ts'
import { lockingWords } from '../../../renderer/features/settings/locking-words.ts'
import { openPage, settle, type Page } from '../page.ts'

let page: Page
afterEach(() => {
  page.close()
})

const textOf = (value: unknown) => new TextDecoder().decode(value as Uint8Array)
const sent = <N extends CallName>(name: N) =>
  page.calls.filter((call) => call.name === name).map(({ input }) => input as Input<N>)
const passwordIn = (proof: unknown) => textOf((proof as { password: Uint8Array }).password)
const title = () => document.querySelector('[role="dialog"] h2')?.textContent ?? null

/** Submits the form that stands in the dialog. */
async function submitDialog(): Promise<void> {
  const form = document.querySelector('[role="dialog"] form')
  if (form === null) throw new Error('no form in a dialog')
  form.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }))
  await settle()
}

/** Answers one call itself. */
function answering<N extends CallName>(name: N, answer: Awaited<ReturnType<Api['call'][N]>>) {
  return (api: Api): Api => ({ ...api, call: { ...api.call, [name]: () => Promise.resolve(answer) } })
}

describe('a recovery key', () => {
  const shown = () => [...document.querySelectorAll('ol code')].map(({ textContent }) => textContent)

  it('is shown in nine groups, then two of them are typed back with the password, and nothing stays in the page', async () => {
    page = await openPage('/settings', 'empty')
    await page.click('Make…')
    expect(shown()).toEqual(FAKE_RECOVERY_KEY.split('-'))
    await page.click('I have written it down')
    expect(document.body.innerHTML).not.toContain('7K2M')
    await page.type('Group 3', '4tev')
    await page.type('Group 7', '3gjy')
    await page.type('Master password', FAKE_PASSWORD)
    await submitDialog()
    const [added] = sent('vault.addRecoveryKey')
    expect(added?.typed.map(textOf)).toEqual(['4tev', '3gjy'])
    expect(passwordIn(added?.proof)).toBe(FAKE_PASSWORD)
    expect(title()).toBeNull()
    expect(page.text()).toContain('Your recovery key works now.')
    expect(page.button('Replace…')).toBeDefined()
  })

  it('is not turned on by other groups, says so, and can be shown again', async () => {
    page = await openPage('/settings', 'empty')
    await page.click('Make…')
    await page.click('I have written it down')
    await page.type('Group 3', '0000')
    await page.type('Group 7', '3GJY')
    await page.type('Master password', FAKE_PASSWORD)
    await submitDialog()
    expect(page.text()).toContain('The two groups are not those of the new recovery key.')
    await page.click('Show it again')
    expect(shown()).toEqual(FAKE_RECOVERY_KEY.split('-'))
    expect(sent('vault.prepareRecoveryKey')).toHaveLength(1)
  })

  it('asks nothing of the main side before both groups are typed', async () => {
    page = await openPage('/settings', 'empty')
    await page.click('Make…')
    await page.click('I have written it down')
    await page.type('Group 3', '4TEV')
    await submitDialog()
    expect(page.text()).toContain('Four characters.')
    expect(sent('vault.addRecoveryKey')).toHaveLength(0)
  })

  it('replaces an older one only with a warning', async () => {
    page = await openPage('/settings', 'filled')
    await page.click('Replace…')
    expect(page.text()).toContain('The recovery key you have stops working')
  })

  it('is removed with the password and by its slot', async () => {
    page = await openPage('/settings', 'filled')
    await page.click('Remove…')
    await page.type('Master password', 'wrong password')
    await submitDialog()
    expect(page.text()).toContain('The password is wrong.')
    await page.type('Master password', FAKE_PASSWORD)
    await submitDialog()
    expect(sent('vault.removeSlot').map(({ id }) => id)).toEqual(['rk1', 'rk1'])
    expect(page.button('Make…')).toBeDefined()
  })

  it('is offered right after a vault was made, without asking for the password again', async () => {
    page = await openPage('/unlock', 'no-vault')
    await page.type('Choose a master password', FAKE_PASSWORD)
    await page.type('Type it again', FAKE_PASSWORD)
    page.field('I understand').click()
    await page.submit()
    await page.click('Make a recovery key')
    await page.click('I have written it down')
    await page.type('Group 3', '4TEV')
    await page.type('Group 7', '3GJY')
    await page.submit()
    expect(passwordIn(sent('vault.addRecoveryKey')[0]?.proof)).toBe(FAKE_PASSWORD)
    expect(sent('vault.enter')).toHaveLength(1)
  })
})

describe('a forgotten password', () => {
  async function recover(typed: string): Promise<void> {
    await page.click('Forgot your password?')
    await page.click('Use recovery key')
    await page.type('Recovery key', typed)
    await page.submit()
  }

  it('offers the recovery key only where there is one', async () => {
    page = await openPage('/unlock', 'locked')
    await page.click('Forgot your password?')
    expect(page.text()).not.toContain('Use recovery key')
  })

  it('is got over with the recovery key, which then proves the new password', async () => {
    page = await openPage('/unlock', 'key-file')
    await recover(FAKE_RECOVERY_KEY.toLowerCase().replaceAll('-', ' '))
    expect(page.text()).toContain('Choose a new master password')
    expect(sent('vault.enter')).toHaveLength(0)
    await page.type('Choose a master password', 'a password to remember')
    await page.type('Type it again', 'a password to remember')
    await page.submit()
    const [change] = sent('vault.changePassword')
    expect(textOf((change?.proof as { recoveryKey: unknown }).recoveryKey)).toBe(FAKE_RECOVERY_KEY)
    expect(textOf(change?.next)).toBe('a password to remember')
    expect(sent('vault.enter')).toHaveLength(1)
  })

  it('need not be replaced at once', async () => {
    page = await openPage('/unlock', 'key-file')
    await recover(FAKE_RECOVERY_KEY)
    await page.click('Not now')
    expect(sent('vault.changePassword')).toHaveLength(0)
    expect(sent('vault.enter')).toHaveLength(1)
  })

  it('says at once that a key is mistyped, and keeps it for the correction', async () => {
    page = await openPage('/unlock', 'key-file')
    await recover('7K2M-9QXA')
    expect(page.text()).toContain('This recovery key has a typing mistake.')
    expect(page.field('Recovery key').value).toBe('7K2M-9QXA')
  })

  it('does not call a recovery key of another vault a wrong password', async () => {
    page = await openPage('/unlock', 'key-file')
    await recover(FAKE_RECOVERY_KEY.replace('7', '8'))
    expect(page.text()).toContain('This recovery key does not open this vault.')
  })

  it('ends this step when the vault locks meanwhile', async () => {
    page = await openPage('/unlock', 'key-file')
    await recover(FAKE_RECOVERY_KEY)
    await page.api.call['vault.lock']({ stopJobs: false })
    await settle()
    expect(page.text()).toContain('Welcome back')
  })
})

describe('the unlock window of a vault with a key file', () => {
  it('asks for the file and sends its token', async () => {
    page = await openPage('/unlock', 'key-file')
    await page.type('Master password', FAKE_PASSWORD)
    await page.submit()
    expect(page.text()).toContain('Choose the key file, too.')
    expect(sent('vault.unlock')).toHaveLength(0)
    await page.click('Key file: Choose file…')
    expect(page.text()).toContain('fernsync.keyfile')
    await page.submit()
    expect(sent('vault.unlock')[0]).toMatchObject({ keyFile: '00112233445566778899aabbccddeeff' })
  })

  it('does not say which of the two is wrong', async () => {
    page = await openPage('/unlock', 'key-file')
    await page.type('Master password', 'wrong password')
    await page.click('Key file: Choose file…')
    await page.submit()
    expect(page.text()).toContain('The password or the key file is wrong.')
  })
})

describe('requiring a key file', () => {
  it('warns of a synced folder and of the loss, and sends the token with the password', async () => {
    page = await openPage('/settings', 'empty')
    await page.click('Require…')
    expect(page.text()).toContain('If you lose this file, nobody can open the vault.')
    await page.click('Create a key file…')
    expect(page.text()).toContain('This file lies in a folder that is synced.')
    await page.type('Master password', FAKE_PASSWORD)
    await submitDialog()
    expect(sent('vault.setKeyFile')[0]?.keyFile).toBe('00112233445566778899aabbccddeeff')
    expect(page.button('Stop requiring…')).toBeDefined()
  })

  it('says that a recovery key would help where there is one', async () => {
    page = await openPage('/settings', 'filled')
    await page.click('Require…')
    expect(page.text()).toContain('only your recovery key opens the vault')
  })

  it('needs a file', async () => {
    page = await openPage('/settings', 'empty')
    await page.click('Require…')
    await page.type('Master password', FAKE_PASSWORD)
    await submitDialog()
    expect(page.text()).toContain('Create a key file or choose one first.')
    expect(sent('vault.setKeyFile')).toHaveLength(0)
  })

  it('never writes over a file, and says so', async () => {
    const error = { code: 'name-taken', message: 'Taken.', help: null, details: {} } as const
    page = await openPage('/settings', 'empty', answering('vault.makeKeyFile', { ok: false, error }))
    await page.click('Require…')
    await page.click('Create a key file…')
    expect(page.text()).toContain('A file with this name is already there.')
  })
})

describe('changing the vault key', () => {
  async function begin(): Promise<void> {
    await page.click('New key…')
    await page.type('Master password', FAKE_PASSWORD)
  }

  it('takes the recovery key along when it is typed', async () => {
    page = await openPage('/settings', 'filled')
    await begin()
    await page.type('Recovery key', FAKE_RECOVERY_KEY)
    await submitDialog()
    const [rotation] = sent('vault.rotateKey')
    expect(rotation?.proofs).toHaveLength(2)
    expect(rotation?.dropSlots).toEqual([])
    expect(title()).toBe('The vault key was changed')
    await page.click('Done')
    expect(page.button('Replace…')).toBeDefined()
  })

  it('gives the recovery key up when that is chosen', async () => {
    page = await openPage('/settings', 'filled')
    await begin()
    document.querySelector<HTMLInputElement>('input[value="drop"]')?.click()
    await settle()
    await submitDialog()
    expect(sent('vault.rotateKey')[0]?.dropSlots).toEqual(['rk1'])
    expect(page.text()).toContain('Destroy the paper and make a new one.')
    await page.click('Done')
    expect(page.button('Make…')).toBeDefined()
  })

  it('shows how far it is, and a cancel changes nothing', async () => {
    let finish: (() => void) | null = null
    page = await openPage('/settings', 'empty', (api) => ({
      ...api,
      call: {
        ...api.call,
        'vault.rotateKey': () =>
          new Promise((answer) => {
            finish = () =>
              answer({ ok: false, error: { code: 'cancelled', message: '', help: null, details: {} } })
          }),
        'vault.cancelRotation': () => {
          finish?.()
          return Promise.resolve({ ok: true, value: {} })
        },
      },
    }))
    await begin()
    await submitDialog()
    expect(document.querySelector('[role="progressbar"]')).not.toBeNull()
    expect(page.text()).toContain('Checking what you entered…')
    await page.click('Cancel')
    expect(page.text()).toContain('Cancelled. Nothing was changed.')
    expect(title()).toBe('Change the vault key')
  })
})

describe('the protection on this computer', () => {
  it('is told without a word of the file format', async () => {
    page = await openPage('/settings', 'filled')
    const text = page.text()
    for (const part of [
      'Guessing it is slow: PBKDF2, 1,200,000 rounds.',
      'Not needed. The password alone is enough.',
      'Whoever has the paper can open the vault.',
      'Keeps nothing. The password is asked for after every start.',
      'With the screen, when the computer sleeps, after 5 minutes without you',
      '/home/mira/.config/Fernsync',
      'Names of jobs, their schedules, and the results of runs',
    ])
      expect(text).toContain(part)
    expect(text).not.toMatch(/slot|\bKEK\b|\bVK\b|wrapped/)
  })

  it('says until when the keychain opens the vault', async () => {
    page = await openPage('/settings', 'filled')
    await page.click('Use it…')
    await page.click('Use the keychain')
    expect(page.calls.some(({ name }) => name === 'keychain.remember')).toBe(false)
    await page.type('Master password', 'correct horse battery')
    await page.click('Use the keychain')
    expect(page.text()).toMatch(/opens the vault without the password\. Until /)
  })

  it('says that nothing locks it when nothing does', () => {
    const never = { lockAfterIdleMs: null, lockAfterClosedMs: null, lockAfterSessionMs: null }
    const rest = { clearClipboardMs: 20_000, hideRevealedMs: 30_000 }
    expect(lockingWords({ ...never, ...rest, lockOnScreenLock: false, lockOnSuspend: false })).toMatch(
      /^Never/,
    )
  })
})

describe('groupedKey', () => {
  it.for([
    ['7k2m9qxa', '7K2M-9QXA'],
    ['7K2M 9QXA 4', '7K2M-9QXA-4'],
    ['', ''],
    [`${FAKE_RECOVERY_KEY}9999`, FAKE_RECOVERY_KEY],
  ] as const)('shows %s as %s', ([typed, shown]) => {
    expect(groupedKey(typed)).toBe(shown)
    expect(groupedKey(shown)).toBe(shown)
    expect(fullGroups(shown)).toBe(Math.floor(shown.replaceAll('-', '').length / 4))
  })
})
