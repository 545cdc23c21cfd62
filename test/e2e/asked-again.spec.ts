// Where an open vault asks once more who is there: exports and a new password; and where a key file is part of the answer.
import { appendFileSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Page } from '@playwright/test'
import { startOpenSsh } from '../servers/openssh.ts'
import { createAxeLog } from './axe.ts'
import { closeDialog, pickFromMenu } from './axe-screens.ts'
import { expect, test, type Mode, type RunningApp } from './fixture.ts'
import * as person from './person.ts'
import { addServer } from './setup.ts'
import { answerSaveDialog, makeRecoveryKey, requireKeyFile } from './ways-in-steps.ts'

const password = 'seven otters under the copper bridge'
const next = 'eight herons on the granite weir'
const filePassword = 'twelve lamps along the quay'
const secret = 'canary of the attic'

/** A vault with one server, whose screen is open; answers the server's id. */
async function withServer(page: Page): Promise<string> {
  const server = await startOpenSsh()
  const id = await addServer(page, server, { name: 'Attic NAS', secrets: { password: secret } })
  await server.stop()
  await person.goTo(page, `/servers/${id}`)
  await expect(page.getByRole('heading', { name: 'Attic NAS' })).toBeVisible()
  return id
}

const master = (page: Page) => page.getByRole('textbox', { name: 'Master password' })

async function chooseFilePassword(page: Page): Promise<void> {
  await page.getByLabel('Password of the file').fill(filePassword)
  await page.getByLabel('Type it again').fill(filePassword)
}

async function chooseKeyFile(started: RunningApp, page: Page, file: string): Promise<void> {
  await person.answerDialog(started, file)
  await page.getByRole('button', { name: /^Key file/ }).click()
}

/** The page as a printer gets it. */
async function printed({ app }: RunningApp, page: Page, mode: Mode): Promise<string> {
  if (mode === 'real')
    return app.evaluate(async ({ BrowserWindow }) => {
      const pdf = await BrowserWindow.getAllWindows()[0]?.webContents.printToPDF({})
      return pdf?.toString('latin1') ?? ''
    })
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.printToPDF', { printBackground: false })
  return Buffer.from(data, 'base64').toString('latin1')
}

test('one sign-in goes into a file of its own by keyboard, after the master password, and comes back by import', async ({
  launch,
  home,
}) => {
  const started = await launch()
  const axe = createAxeLog(started)
  const page = await person.createVault(started, password)
  await withServer(page)
  const file = path.join(home.user, 'attic.json')
  await answerSaveDialog(started, file)
  const menu = page.getByRole('button', { name: 'More actions' })

  await test.step('open and leave it by keyboard', async () => {
    await menu.focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('menuitem', { name: 'Export…' })).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(master(page)).toBeFocused()
    await page.keyboard.press('Escape')
    await expect(menu).toBeFocused()
  })

  await test.step('what is missing or wrong is said where it is, and nothing is written', async () => {
    await pickFromMenu(page, 'More actions', 'Export…')
    // The dialog waits for an answer first; until then Enter would go to the button of the menu.
    await expect(master(page)).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(page.getByText('Enter your master password.')).toBeVisible()
    await axe.look(page, 'export of a sign-in, nothing filled in')
    await master(page).fill('not the right password')
    await chooseFilePassword(page)
    await page.keyboard.press('Enter')
    await expect(page.getByText('The password is wrong.')).toBeVisible()
    await expect(master(page)).toBeFocused()
    await expect(page.getByText(file)).toBeVisible()
    await axe.look(page, 'export of a sign-in, refused')
    expect(() => statSync(file)).toThrow()
  })

  await test.step('written for its owner only, encrypted, and in the record', async () => {
    await master(page).fill(password)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(page.getByText('Attic NAS was written, encrypted with its own password.')).toBeVisible()
    await expect(page.getByText('Exported under a password of its own')).toBeVisible()
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).not.toContain(secret)
  })

  await test.step('opens with its own password, not with the master password', async () => {
    await pickFromMenu(page, 'More actions', 'Delete')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await expect(page.getByText('Attic NAS was deleted.')).toBeVisible()
    await person.goTo(page, '/import')
    await person.answerDialog(started, file)
    await page.getByRole('button', { name: 'Choose file…' }).click()
    const field = page.getByRole('textbox', { name: 'Password of this file' })
    await field.fill(password)
    await page.getByRole('button', { name: 'Open file' }).click()
    await expect(page.getByRole('alert')).toContainText('The password is wrong.')
    await field.fill(filePassword)
    await page.getByRole('button', { name: 'Open file' }).click()
    await page.getByRole('button', { name: 'Import 1 sign-in' }).click()
    await page.getByRole('link', { name: /Attic NAS/ }).click()
    await page.getByRole('button', { name: /^Show/ }).click()
    await expect(page.getByText(secret)).toBeVisible()
  })
  expect(axe.violations).toEqual([])
})

test('a vault with a key file asks for both wherever it asks again, also when it is damaged', async ({
  launch,
  home,
}) => {
  test.setTimeout(90_000)
  const started = await launch()
  const axe = createAxeLog(started)
  let page = await person.createVault(started, password)
  const id = await withServer(page)
  const keyFile = path.join(home.user, 'key')
  await requireKeyFile(started, page, { file: keyFile, password })

  await test.step('everything in clear', async () => {
    const file = path.join(home.user, 'all.csv')
    await answerSaveDialog(started, file)
    await page.getByRole('button', { name: 'Export…' }).click()
    await page.getByRole('radio', { name: /CSV/ }).check()
    await master(page).fill('not the right password')
    await page.getByRole('button', { name: 'Choose where to save…' }).click()
    await expect(page.getByText('Choose the key file, too.')).toBeVisible()
    await axe.look(page, 'export in clear, without the key file')
    await chooseKeyFile(started, page, keyFile)
    await page.getByRole('button', { name: 'Choose where to save…' }).click()
    await expect(page.getByText('The password or the key file is wrong.')).toBeVisible()
    await master(page).fill(password)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(page.getByText('1 sign-in written in clear.')).toBeVisible()
    expect(readFileSync(file, 'utf8')).toContain(secret)
  })

  await test.step('one sign-in', async () => {
    const file = path.join(home.user, 'attic.json')
    await answerSaveDialog(started, file)
    await person.goTo(page, `/servers/${id}`)
    await pickFromMenu(page, 'More actions', 'Export…')
    await master(page).fill(password)
    await chooseFilePassword(page)
    await chooseKeyFile(started, page, keyFile)
    await axe.look(page, 'export of a sign-in, with a key file')
    await page.getByRole('button', { name: 'Choose where to save…' }).click()
    await expect(page.getByText('Attic NAS was written')).toBeVisible()
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  await test.step('a damaged vault, which cannot say so before it is tried', async () => {
    const door = await person.lock(started, page)
    appendFileSync(path.join(home.data, 'vault.json'), 'no longer JSON')
    await door.reload()
    await door.getByRole('button', { name: 'Check and repair…' }).click()
    await expect(door.getByRole('button', { name: /^Key file/ })).toHaveCount(0)
    await master(door).fill(password)
    await door.keyboard.press('Enter')
    await expect(door.getByText('This vault opens with the password and a key file together.')).toBeVisible()
    await expect(door.getByRole('button', { name: /^Key file/ })).toBeFocused()
    await axe.look(door, 'a damaged vault asks for its key file')
    await chooseKeyFile(started, door, keyFile)
    await door.getByRole('button', { name: 'Check', exact: true }).click()
    await expect(door.getByText('Damage found')).toBeVisible({ timeout: 20_000 })
    await door.getByRole('button', { name: 'Repair' }).click()
    await expect(door.getByText('The vault is repaired')).toBeVisible({ timeout: 20_000 })
    await door.getByRole('button', { name: 'Go to unlock' }).click()
    await chooseKeyFile(started, door, keyFile)
    page = await person.unlock(started, password)
  })
  expect(axe.violations).toEqual([])
})

test('in the settings the recovery key sets a new password, without the key file, and the old ones open nothing', async ({
  launch,
  home,
}) => {
  const started = await launch()
  const axe = createAxeLog(started)
  const page = await person.createVault(started, password)
  const key = await makeRecoveryKey(page, password)
  const keyFile = path.join(home.user, 'key')
  await requireKeyFile(started, page, { file: keyFile, password })

  await page.getByRole('button', { name: 'Change…' }).click()
  await page.getByRole('button', { name: 'I do not know the password: use the recovery key' }).click()
  await expect(page.getByLabel('Recovery key')).toBeFocused()
  await expect(page.getByText('The key file is not needed any more afterwards.')).toBeVisible()
  await page.getByLabel('Choose a master password').fill(next)
  await page.getByLabel('Type it again').fill(next)
  await page.getByLabel('Recovery key').fill(key.slice(5))
  await page.getByRole('button', { name: 'Change password' }).click()
  await expect(page.getByText('This recovery key has a typing mistake.')).toBeVisible()
  await expect(page.getByLabel('Recovery key')).toBeFocused()
  await axe.look(page, 'a password change by a mistyped recovery key')
  await page.getByLabel('Recovery key').fill(key)
  await page.keyboard.press('Enter')
  await expect(page.getByText('The master password was changed.')).toBeVisible()
  expect(await page.content()).not.toContain(key.slice(0, 9))
  await expect(page.getByRole('button', { name: 'Require…' })).toBeVisible()
  const generations = ['', '.1', '.2', '.3'].map((n) =>
    readFileSync(path.join(home.data, `vault.json${n}`), 'utf8'),
  )
  for (const text of generations) expect(text).not.toContain('"password+keyfile"')

  await person.goTo(page, '/activity')
  await expect(page.getByText('Master password changed with the recovery key')).toBeVisible()
  const door = await person.lock(started, page)
  await master(door).fill(password)
  await door.getByRole('button', { name: 'Unlock' }).click()
  await expect(door.getByText('The password is wrong.')).toBeVisible()
  await person.unlock(started, next)
  expect(axe.violations).toEqual([])
})

test('a printed recovery key is one page, black on white, with what to do with it', async ({
  launch,
  mode,
}) => {
  const started = await launch()
  // A second page would be a second copy of the key, in the tray of some printer.
  const isOnePage = async (shown: Page): Promise<void> => {
    await expect(shown.getByRole('list', { name: /^Recovery key/ })).toBeVisible()
    expect((await printed(started, shown, mode)).match(/\/Type\s*\/Page\b/g)).toHaveLength(1)
  }
  const page = await person.createVault(started, password, async (offer) => {
    await offer.getByRole('button', { name: 'Make a recovery key' }).click()
    await isOnePage(offer)
  })
  await started.app.evaluate(({ nativeTheme }) => void (nativeTheme.themeSource = 'dark'))
  await person.goTo(page, '/settings')
  await page.getByRole('button', { name: 'Make…' }).click()
  const cell = page
    .getByRole('list', { name: /^Recovery key/ })
    .locator('code')
    .first()
  await expect(cell).toHaveText(/^[0-9A-HJKMNP-TV-Z]{4}$/)
  await expect(page.getByText('Vault of')).toBeHidden()
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  await expect(page.getByText('Fernsync recovery key')).toBeVisible()
  await expect(page.getByText('Vault of')).toBeVisible()
  await expect(cell).toHaveCSS('color', 'rgb(0, 0, 0)')
  await expect(page.locator('body')).toHaveCSS('background-color', 'rgb(255, 255, 255)')
  await expect(page.getByRole('heading', { name: 'Settings', includeHidden: true })).toBeHidden()
  await expect(page.getByRole('button', { name: 'Print', includeHidden: true })).toBeHidden()
  await page.emulateMedia({ media: null, colorScheme: null })
  await isOnePage(page)
  await closeDialog(page)
})
