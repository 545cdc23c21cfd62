// What can be kept besides SSH servers, its past, and what is made here, in the real renderer.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from '@playwright/test'
import * as z from 'zod'
import { startOpenSsh } from '../servers/openssh.ts'
import { expect, test } from './fixture.ts'
import * as person from './person.ts'
import { addServer } from './setup.ts'

const masterPassword = 'nine lanterns over the quiet harbour'

async function openEditor(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Edit', exact: true }).click()
  await expect(page.getByRole('heading', { name: /^Edit / })).toBeVisible()
}

/** The one secret of the open entry, as it is shown. */
async function shown(page: Page, label: string): Promise<string> {
  await page
    .getByRole('button', { name: `Show: ${label}` })
    .first()
    .click()
  const field = page.getByRole('textbox', { name: label }).first()
  await expect(field).not.toHaveText('')
  const text = (await field.textContent()) ?? ''
  await page.getByRole('button', { name: 'Hide', exact: true }).first().click()
  return text
}

const revisionCount = (page: Page) =>
  page.getByRole('region', { name: 'Earlier versions' }).getByRole('listitem')

test('keep a generic entry and an S3 one, change it, bring it back, erase its past', async ({
  launch,
  home,
}) => {
  const started = await launch()
  const page = await person.createVault(started, masterPassword)

  await test.step('add a generic entry with a generated password and a free field', async () => {
    await person.goTo(page, '/servers/new')
    await page.getByRole('link', { name: /^Something else/ }).click()
    await page.getByLabel('Name in Fernsync').fill('Bank')
    await page.getByLabel('User name').fill('mira')
    await page.getByRole('button', { name: 'Generate: Password' }).click()
    await page.getByLabel('Length').fill('32')
    await page.getByRole('button', { name: 'Use it' }).click()
    await expect(page.getByText(/^Generated, 2\d\d bits$/)).toBeVisible()
    await page.getByRole('button', { name: 'Add a field' }).click()
    await page.getByLabel('Name of the field').fill('Recovery code')
    await page.getByRole('button', { name: 'Add a field' }).click()
    await page.getByRole('textbox', { name: 'Recovery code' }).fill('r-1')
    await page.getByLabel('Notes').fill('the branch at the harbour')
    await page.getByLabel('Tags').fill('money')
    await page.getByLabel('Expires').fill('2099-12-31')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'Bank' })).toBeVisible()
    await expect(page.getByText('31 December 2099')).toBeVisible()
    expect(await shown(page, 'Password')).toMatch(/^\S{32}$/)
    expect(await shown(page, 'Recovery code')).toBe('r-1')
    expect(await shown(page, 'Notes')).toBe('the branch at the harbour')
  })

  await test.step('add an S3 entry, whose address is checked', async () => {
    await person.goTo(page, '/servers/new')
    await page.getByRole('link', { name: /^S3 storage/ }).click()
    await page.getByLabel('Name in Fernsync').fill('Archive')
    await page.getByLabel('Endpoint').fill('s3.example')
    await page.getByLabel('Bucket').fill('photos')
    await page.getByLabel('Access key ID').fill('AK1')
    await page.getByRole('textbox', { name: 'Secret access key' }).fill('first secret')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(page.getByText('An address that begins with https://')).toBeVisible()
    await page.getByLabel('Endpoint').fill('https://s3.example')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'Archive' })).toBeVisible()
    await expect(page.getByText('No earlier versions.')).toBeVisible()
  })

  await test.step('change it twice', async () => {
    await openEditor(page)
    await page.getByRole('textbox', { name: 'Secret access key' }).fill('second secret')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(revisionCount(page)).toHaveCount(2)
    await openEditor(page)
    await page.getByLabel('Name in Fernsync').fill('Attic')
    await page.getByLabel('Endpoint').fill('https://other.example')
    await expect(page.getByText('This leads to another place')).toBeVisible()
    await page.getByRole('textbox', { name: 'Secret access key' }).fill('third secret')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(revisionCount(page)).toHaveCount(3)
    await expect(page.getByText('Changed: Name in Fernsync, Endpoint, Secret access key')).toBeVisible()
  })

  await test.step('look at the first version, and bring it back', async () => {
    const first = revisionCount(page).last()
    await first.getByRole('button', { name: 'Show 1 secret' }).click()
    await first.getByRole('button', { name: 'Show: Secret access key' }).click()
    await expect(first.getByRole('textbox', { name: 'Secret access key' })).toHaveText('first secret')
    await first.getByRole('button', { name: /^Restore the version/ }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click()
    await expect(page.getByRole('heading', { name: 'Archive' })).toBeVisible()
    await expect(page.getByText('https://s3.example')).toBeVisible()
    await expect(revisionCount(page)).toHaveCount(4)
    expect(await shown(page, 'Secret access key')).toBe('first secret')
  })

  await test.step('erase its past, in every copy of the vault', async () => {
    await page.getByRole('button', { name: 'Erase…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Erase' }).click()
    await expect(page.getByText('No earlier versions.')).toBeVisible()
    const folder = home.data
    const copies = readdirSync(folder).filter((name) => /^vault\.json(\.\d)?$/.test(name))
    const texts = new Set(copies.map((name) => readFileSync(path.join(folder, name), 'utf8')))
    expect([copies.length, texts.size]).toEqual([4, 1])
  })

  await test.step('find by tag', async () => {
    await page.getByRole('button', { name: 'money', exact: true }).click()
    const list = page.getByRole('region', { name: 'Servers' })
    await expect(list.getByRole('link', { name: /Bank/ })).toBeVisible()
    await expect(list.getByRole('link', { name: /Archive/ })).toHaveCount(0)
  })

  await test.step('have nothing to run a job with', async () => {
    await person.goTo(page, '/jobs/new')
    await expect.poll(() => person.routeOf(page)).toBe('/welcome')
  })
})

test('make an SSH key for a server that is there, and sign in with it', async ({ launch, home }) => {
  const server = await startOpenSsh()
  try {
    const started = await launch()
    const page = await person.createVault(started, masterPassword)
    const id = await addServer(page, server, { name: 'NAS' })
    await person.goTo(page, `/servers/${id}/edit`)
    await page.getByRole('switch', { name: 'Replace the sign-in' }).click()
    await page.getByText('New key').click()
    await page.getByRole('button', { name: 'Make a key' }).click()
    const line = (await page.locator('code', { hasText: 'ssh-ed25519 AAAA' }).textContent()) ?? ''
    await page.getByRole('button', { name: 'Test and save' }).click()
    await expect(page.getByText('The server refused this sign-in.')).toBeVisible()
    const keys = path.join(server.keyFile, '..', 'authorized_keys')
    writeFileSync(keys, `${readFileSync(keys, 'utf8')}\n${line}\n`)
    await page.getByRole('button', { name: 'Test and save' }).click()
    await expect(page.getByRole('heading', { name: 'NAS', exact: true })).toBeVisible()
    const answer = await person.callFrom(page, 'credentials.reveal', { id, field: 'privateKey' })
    if (!answer.ok) throw new Error(answer.error.code)
    const { value } = z.object({ value: z.instanceof(Uint8Array) }).parse(answer.value)
    const file = path.join(home.user, 'id')
    writeFileSync(file, value, { mode: 0o600 })
    expect(execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' }).trim()).toBe(line)
  } finally {
    await server.stop()
  }
})
