import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Api } from '../../../main/contract/api.ts'
import { openPage, settle, type Page } from '../page.ts'

let page: Page
afterEach(() => {
  page.close()
  vi.useRealTimers()
})

const passwordInputs = () => [...document.querySelectorAll<HTMLInputElement>('input[type="password"]')]
const textOfBytes = (value: unknown) => new TextDecoder().decode(value as Uint8Array)

/** Keeps the very arrays that the page passed to one call. */
function keeping(name: 'vault.unlock' | 'vault.create', kept: Uint8Array[]): (api: Api) => Api {
  return (api) => ({
    ...api,
    call: {
      ...api.call,
      [name]: (input: { password: Uint8Array; allowSlowKdf: boolean }) => {
        kept.push(input.password)
        return api.call[name](input)
      },
    },
  })
}

describe('the unlock window', () => {
  it('sends the password once as bytes, empties the input and wipes the bytes', async () => {
    const kept: Uint8Array[] = []
    page = await openPage('/unlock', 'locked', keeping('vault.unlock', kept))
    await page.type('Master password', 'correct horse battery')
    await page.submit()
    const sent = page.calls.filter(({ name }) => name === 'vault.unlock')
    expect(sent.map(({ input }) => textOfBytes((input as { password: unknown }).password))).toEqual([
      'correct horse battery',
    ])
    expect(kept[0]?.every((byte) => byte === 0)).toBe(true)
    expect(document.body.innerHTML).not.toContain('correct horse')
    expect(page.text()).toContain('Opening…')
  })

  it('says that the password is wrong and leaves nothing of it behind', async () => {
    const kept: Uint8Array[] = []
    page = await openPage('/unlock', 'locked', keeping('vault.unlock', kept))
    await page.type('Master password', 'wrong password')
    await page.submit()
    expect(page.text()).toContain('The password is wrong.')
    expect(passwordInputs().map(({ value }) => value)).toEqual([''])
    expect(kept[0]?.every((byte) => byte === 0)).toBe(true)
  })

  it.each([
    ['locked', 'The keychain of this system is locked.'],
    ['unavailable', 'The keychain of this system does not answer.'],
  ] as const)('says why it asks although a keychain, now %s, has the key', async (keychain, text) => {
    page = await openPage('/unlock', 'locked', (api) => ({
      ...api,
      call: {
        ...api.call,
        'vault.status': async (input) => {
          const answer = await api.call['vault.status'](input)
          return answer.ok ? { ...answer, value: { ...answer.value, keychain } } : answer
        },
      },
    }))
    expect(page.text()).toContain(text)
    expect(passwordInputs()).toHaveLength(1)
  })

  it('cancels an unlock that takes long, and asks again without a reproach', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let end = (): void => {}
    page = await openPage('/unlock', 'locked', (api) => ({
      ...api,
      call: {
        ...api.call,
        'vault.unlock': () =>
          new Promise((resolve) => {
            end = () =>
              resolve({ ok: false, error: { code: 'locked', message: 'Locked.', help: null, details: {} } })
          }),
        'vault.lock': (input) => {
          end()
          return api.call['vault.lock'](input)
        },
      },
    }))
    await page.type('Master password', 'correct horse battery')
    await page.submit()
    expect(page.text()).not.toContain('Cancel')
    vi.advanceTimersByTime(1_500)
    await settle()
    await page.click('Cancel')
    expect(page.text()).not.toContain('Locked.')
    expect(page.text()).not.toContain('Cancel')
    expect(passwordInputs().map(({ value }) => value)).toEqual([''])
    expect(document.activeElement).toBe(passwordInputs()[0])
  })

  it('counts down a throttle and takes no password before it is over', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] })
    page = await openPage('/unlock', 'throttled')
    expect(page.text()).toContain('Try again in 16 seconds.')
    await page.type('Master password', 'correct horse battery')
    await page.submit()
    expect(page.calls.some(({ name }) => name === 'vault.unlock')).toBe(false)
    vi.advanceTimersByTime(15_000)
    await settle()
    expect(page.text()).toContain('Try again in 1 second.')
    vi.advanceTimersByTime(1_000)
    await settle()
    expect(page.button('Unlock').hasAttribute('disabled')).toBe(false)
  })

  it('begins a countdown when the status names a wait after a wrong password', async () => {
    page = await openPage('/unlock', 'locked')
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await page.type('Master password', 'wrong password')
      await page.submit()
    }
    expect(page.text()).toContain('Try again in 1 second.')
  })

  it.each(['vault-changed', 'vault-damaged'] as const)('leads from %s to the older copies', async (code) => {
    page = await openPage('/unlock', 'locked', (api) => ({
      ...api,
      call: {
        ...api.call,
        'vault.unlock': () =>
          Promise.resolve({ ok: false, error: { code, message: 'Changed.', help: null, details: {} } }),
      },
    }))
    await page.type('Master password', 'correct horse battery')
    await page.submit()
    await page.click('Older copies…')
    expect(page.text()).toContain('Last copy')
  })

  it('asks nothing of the main side without a password', async () => {
    page = await openPage('/unlock', 'locked')
    await page.submit()
    expect(page.text()).toContain('Enter your master password.')
    expect(page.calls.some(({ name }) => name === 'vault.unlock')).toBe(false)
  })

  it('unlocks a slow vault only after consent', async () => {
    page = await openPage('/unlock', 'locked', (api) => ({
      ...api,
      call: {
        ...api.call,
        'vault.unlock': (input) =>
          input.allowSlowKdf
            ? api.call['vault.unlock'](input)
            : Promise.resolve({
                ok: false,
                error: { code: 'slow-kdf', message: '', help: null, details: {} },
              }),
      },
    }))
    await page.type('Master password', 'correct horse battery')
    await page.submit()
    await page.click('Allow it')
    await page.type('Master password', 'correct horse battery')
    await page.submit()
    expect(page.text()).toContain('Opening…')
  })

  it('offers older copies and starting over to who forgot the password', async () => {
    page = await openPage('/unlock', 'locked')
    await page.click('Forgot your password?')
    expect(page.text()).toContain('Nobody can reset it')
    await page.click('Restore')
    expect(page.text()).toContain('Restore this copy?')
    await page.click('Restore')
    expect(page.calls).toContainEqual({ name: 'vault.restore', input: { generation: 2 } })
  })

  it('starts over only when confirmed and says where the old vault is', async () => {
    page = await openPage('/unlock', 'damaged')
    await page.click('Start over…')
    expect(page.calls.some(({ name }) => name === 'vault.startOver')).toBe(false)
    await page.click('Start over')
    expect(page.text()).toContain('The old vault was kept as vault-2026-11-23.json.')
    expect(page.text()).toContain('Create your vault')
  })

  it.each(['damaged', 'missing'] as const)(
    'never offers to create a vault when it is %s',
    async (scenario) => {
      page = await openPage('/unlock', scenario)
      expect(page.text()).not.toContain('Create')
      expect(page.text()).toContain('Last copy')
    },
  )
})

describe('creating a vault', () => {
  async function fill(first: string, second: string, isUnderstood: boolean): Promise<void> {
    await page.type('Choose a master password', first)
    await page.type('Type it again', second)
    if (isUnderstood) page.field('I understand').click()
    await page.submit()
  }
  const created = () => page.calls.filter(({ name }) => name === 'vault.create')

  it('sends the password, wipes it and empties both inputs', async () => {
    const kept: Uint8Array[] = []
    page = await openPage('/unlock', 'no-vault', keeping('vault.create', kept))
    await fill('correct horse battery', 'correct horse battery', true)
    expect(created()).toHaveLength(1)
    // It proves the recovery key that is offered next, and ends with the answer to that.
    await page.click('Not now')
    expect(kept[0]?.every((byte) => byte === 0)).toBe(true)
    expect(document.querySelectorAll('input')).toHaveLength(0)
  })

  const long = 'correct horse battery'
  it.each([
    {
      what: 'a short password',
      first: 'short',
      second: 'short',
      is: true,
      says: 'Use at least 12 characters.',
    },
    {
      what: 'two passwords',
      first: long,
      second: 'correct horse',
      is: true,
      says: 'The two passwords differ.',
    },
    {
      what: 'no consent',
      first: long,
      second: long,
      is: false,
      says: 'Confirm that you have written it down.',
    },
  ])('refuses $what before anything is sent', async ({ first, second, is, says }) => {
    page = await openPage('/unlock', 'no-vault')
    await fill(first, second, is)
    expect(page.text()).toContain(says)
    expect(created()).toHaveLength(0)
  })

  it('counts bytes, not characters', async () => {
    page = await openPage('/unlock', 'no-vault')
    await fill('ééééééé', 'ééééééé', true)
    expect(created()).toHaveLength(1)
  })
})
