import { afterEach, describe, expect, it } from 'vitest'
import { entropyBits } from '../../../main/core/generate/generate-password.ts'
import { CredentialType, credentialTypeTable } from '../../../main/model/credential-types.ts'
import { fakeId } from '../../../renderer/api/fake/fake-data.ts'
import { fakeTypes } from '../../../renderer/api/fake/fake-types.ts'
import { credentialPlace } from '../../../renderer/features/credentials/credential-place.ts'
import { formProblems, patchFields } from '../../../renderer/features/credentials/kind-form.ts'
import { expectedBits } from '../../../renderer/features/credentials/maker-bits.ts'
import { texts } from '../../../renderer/i18n/en.ts'
import { openPage, settle, type Page } from '../page.ts'

let page: Page
afterEach(() => page.close())

const lastInput = (name: string): unknown => page.calls.findLast((call) => call.name === name)?.input

describe('the choice of a kind', () => {
  it('offers every kind, each a way to its own form', async () => {
    page = await openPage('/servers/new', 'filled')
    for (const type of CredentialType.options) {
      expect(page.text()).toContain(texts.credentials.kinds[type].label)
      expect(document.querySelector(`a[href$="/servers/new/${type}"]`)).not.toBeNull()
    }
  })

  it('says what failed when kinds cannot be read', async () => {
    page = await openPage('/servers/new', 'error')
    expect(page.text()).toContain(texts.common.retry)
  })
})

describe('the form of a kind', () => {
  it('names what is missing and stores nothing', async () => {
    page = await openPage('/servers/new/s3', 'filled')
    await page.type('Endpoint', 's3.example')
    await page.submit()
    expect(page.text()).toContain('Bucket is needed.')
    expect(page.text()).toContain('An address that begins with https://')
    expect(lastInput('credentials.add')).toBeUndefined()
  })

  it('stores what was typed, with tags, end and notes', async () => {
    page = await openPage('/servers/new/s3', 'filled')
    for (const [label, value] of [
      ['Name in Fernsync', 'Photos'],
      ['Bucket', 'photos'],
      ['Access key ID', 'AK'],
      ['Secret access key', 's3cret'],
      ['Notes', 'n'],
      ['Expires', '2027-01-31'],
    ] as const)
      await page.type(label, value)
    await page.submit()
    expect(lastInput('credentials.add')).toMatchObject({
      draft: {
        name: 'Photos',
        type: 's3',
        fields: { bucket: 'photos', accessKeyId: 'AK', pathStyle: 'false' },
        expires: '2027-01-31',
        hostKey: null,
      },
      secrets: { secretAccessKey: new TextEncoder().encode('s3cret'), notes: new TextEncoder().encode('n') },
    })
    expect(page.router.currentRoute.value.path).toMatch(/^\/servers\/c/)
  })

  it('keeps what is stored, and removes a secret that was taken out', async () => {
    page = await openPage(`/servers/${fakeId('c', 6)}/edit`, 'filled')
    await page.click('Remove: Recovery code')
    await page.submit()
    expect(lastInput('credentials.edit')).toMatchObject({
      patch: { removeSecrets: ['Recovery code'] },
      secrets: {},
      generated: {},
    })
  })

  it('says that another place gets nothing of what is stored', async () => {
    page = await openPage(`/servers/${fakeId('c', 5)}/edit`, 'filled')
    await page.type('Endpoint', 'https://other.example')
    expect(page.text()).toContain(texts.credentials.form.moved)
  })
})

describe('earlier versions', () => {
  it('are named by what changed, shown on demand and brought back after a question', async () => {
    page = await openPage(`/servers/${fakeId('c', 5)}`, 'filled')
    expect(page.text()).toContain('Changed: Host name or address, Identity, Password')
    await page.click('Show 2 secrets')
    await page.click('Show: Secret access key')
    expect(lastInput('credentials.reveal')).toMatchObject({ field: 'secretAccessKey', rev: 2 })
    const restore = [...document.querySelectorAll('button')].find((each) =>
      each.ariaLabel?.startsWith('Restore the version'),
    )
    restore?.click()
    await settle()
    await page.click('Restore')
    expect(lastInput('credentials.restore')).toEqual({ id: fakeId('c', 5), rev: 2 })
  })

  it('are erased after a question', async () => {
    page = await openPage(`/servers/${fakeId('c', 5)}`, 'filled')
    await page.click('Erase…')
    expect(lastInput('credentials.purgeRevisions')).toBeUndefined()
    await page.click('Erase')
    expect(lastInput('credentials.purgeRevisions')).toEqual({ id: fakeId('c', 5) })
    expect(page.text()).toContain(texts.credentials.revisions.none)
  })

  it('are erased of everything from the settings', async () => {
    page = await openPage('/settings', 'filled')
    await page.click('Erase all…')
    await page.click('Erase')
    expect(lastInput('credentials.purgeRevisions')).toEqual({ id: null })
  })
})

describe('the list', () => {
  it('narrows to a tag, and says when an end is near and what lacks a sign-in here', async () => {
    page = await openPage('/servers', 'filled')
    expect(page.text()).toContain(texts.credentials.signInHere.word)
    await page.click('archive')
    const names = [...document.querySelectorAll('ul a[data-stop] .font-medium')].map(
      (each) => each.textContent,
    )
    expect(names).toEqual(['Archive bucket'])
  })
})

describe('words', () => {
  it('there are for every field of every kind', async () => {
    page = await openPage('/servers', 'filled')
    for (const { fields } of Object.values(credentialTypeTable))
      for (const { name, choices } of fields) {
        expect(texts.credentials.label(name)).not.toBe(name)
        for (const choice of choices) expect(texts.credentials.choice(choice)).not.toBe(choice)
      }
  })

  it('name the place of a credential in one line', async () => {
    page = await openPage('/servers', 'filled')
    expect([
      credentialPlace({ type: 'sftp', fields: { host: 'nas', user: 'mira', port: '22' } }),
      credentialPlace({ type: 'smb', fields: { host: 'nas', user: 'mira', port: '4450', share: 'home' } }),
      credentialPlace({ type: 's3', fields: { bucket: 'b', endpoint: 'https://s3.example/x' } }),
      credentialPlace({ type: 'oauth', fields: { provider: 'dropbox', account: 'mira' } }),
      credentialPlace({ type: 'generic', fields: {} }),
    ]).toEqual(['mira@nas', 'mira@nas:4450/home', 'b · s3.example', 'Dropbox · mira', ''])
  })
})

describe('the page and the main side', () => {
  it('agree on how strong a password will be', async () => {
    page = await openPage('/servers', 'filled')
    const all = { lower: true, upper: true, digits: true, symbols: true, lookAlikes: true }
    for (const rules of [
      { ...all, length: 20 },
      { ...all, length: 20, lookAlikes: false },
      { ...all, length: 64, symbols: false },
    ])
      expect(Math.abs(expectedBits(rules) - entropyBits(rules))).toBeLessThan(1)
  })

  it('agree on which fields are needed', async () => {
    page = await openPage('/servers', 'filled')
    for (const kind of fakeTypes) {
      const needed = credentialTypeTable[kind.type].fields.filter(({ required }) => required)
      expect(Object.keys(formProblems(kind, {})).sort()).toEqual(needed.map(({ name }) => name).sort())
    }
  })

  it('take a field away that was emptied', async () => {
    page = await openPage('/servers', 'filled')
    const list = await page.api.call['credentials.list'](undefined)
    const stored = list.ok ? list.value.find(({ type }) => type === 's3') : undefined
    if (stored === undefined) throw new Error('no such entry')
    expect(patchFields({ region: '', bucket: 'b', pathStyle: '' }, stored)).toEqual({
      region: null,
      bucket: 'b',
    })
  })
})
