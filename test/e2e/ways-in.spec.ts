// Ways into the vault as a person uses them: a recovery key, a key file, a new vault key.
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from '@playwright/test'
import { expect, test, type Home } from './fixture.ts'
import * as person from './person.ts'
import { answerSaveDialog, makeRecoveryKey, requireKeyFile, writeDown } from './ways-in-steps.ts'

const password = 'seven otters under the copper bridge'
const next = 'eight herons on the granite weir'

async function useRecoveryKey(door: Page, key: string): Promise<void> {
  await door.getByRole('button', { name: 'Forgot your password?' }).click()
  await door.getByRole('button', { name: 'Use recovery key' }).click()
  await door.getByLabel('Recovery key').fill(key)
  await door.getByRole('button', { name: 'Unlock with recovery key' }).click()
}

const choosePassword = async (door: Page, chosen: string): Promise<void> => {
  await door.getByLabel('Choose a master password').fill(chosen)
  await door.getByLabel('Type it again').fill(chosen)
}

async function isRefused(door: Page, given: string, says: string): Promise<void> {
  await door.getByLabel('Master password').fill(given)
  await door.getByRole('button', { name: 'Unlock' }).click()
  await expect(door.getByText(says)).toBeVisible()
}

const stick = (home: Home): string => {
  const folder = path.join(home.user, 'stick')
  mkdirSync(folder)
  return path.join(folder, 'fernsync.keyfile')
}

test('a recovery key opens the vault, and sets a password in the place of the forgotten one', async ({
  launch,
}) => {
  const started = await launch()
  let page = await person.createVault(started, password)
  const key = await makeRecoveryKey(page, password)
  let door = await person.lock(started, page)

  await useRecoveryKey(door, key.slice(5))
  await expect(door.getByText('This recovery key has a typing mistake.')).toBeVisible()
  await door.getByLabel('Recovery key').fill(key.toLowerCase().replaceAll('-', ' '))
  await door.getByRole('button', { name: 'Unlock with recovery key' }).click()
  await choosePassword(door, next)
  await door.getByRole('button', { name: 'Set password' }).click()
  page = await person.mainWindow(started)

  door = await person.lock(started, page)
  await isRefused(door, password, 'The password is wrong.')
  page = await person.unlock(started, next)
  await person.goTo(page, '/settings')
  await expect(page.getByRole('button', { name: 'Replace…' })).toBeVisible()
})

test('a new vault offers a recovery key with the password just chosen, and that key opens it', async ({
  launch,
}) => {
  const started = await launch()
  const first = await person.unlockWindow(started)
  await choosePassword(first, password)
  await first.getByLabel('I understand').check()
  await first.getByRole('button', { name: 'Create vault' }).click()
  await first.getByRole('button', { name: 'Make a recovery key' }).click()
  const key = await writeDown(first)
  const page = await person.mainWindow(started)

  const door = await person.lock(started, page)
  await useRecoveryKey(door, key)
  // Who does not want a new password keeps the old one.
  await door.getByRole('button', { name: 'Not now' }).click()
  await person.mainWindow(started)
})

test('a required key file is needed from then on, and is told from a wrong one', async ({ launch, home }) => {
  const started = await launch()
  const file = stick(home)
  let page = await person.createVault(started, password)
  await person.goTo(page, '/settings')
  await page.getByRole('button', { name: 'Require…' }).click()
  await expect(page.getByText('If you lose this file, nobody can open the vault.')).toBeVisible()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await requireKeyFile(started, page, { file, password })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readFileSync(file, 'utf8')).toMatch(/^fernsync-keyfile-1 [\w-]{43}=? [0-9a-f]{8}\n$/)

  const door = await person.lock(started, page)
  await isRefused(door, password, 'Choose the key file, too.')
  const other = path.join(home.user, 'notes.txt')
  writeFileSync(other, 'shopping list\n')
  await person.answerDialog(started, other)
  await door.getByRole('button', { name: /^Key file/ }).click()
  await isRefused(door, password, 'This is not a key file of Fernsync, or it is damaged.')
  await person.answerDialog(started, file)
  await door.getByRole('button', { name: /^Key file/ }).click()
  await isRefused(door, 'not the right password', 'The password or the key file is wrong.')
  page = await person.unlock(started, password)

  await person.goTo(page, '/settings')
  await page.getByRole('button', { name: 'Stop requiring…' }).click()
  await page.getByRole('button', { name: /^Key file/ }).click()
  await page.getByLabel('Master password').fill(password)
  await page.getByRole('button', { name: 'Stop requiring it' }).click()
  await expect(page.getByRole('button', { name: 'Require…' })).toBeVisible()
  await person.lock(started, page)
  await person.unlock(started, password)
})

test('a key file never takes the place of a file, and a folder that is synced is told', async ({
  launch,
  home,
}) => {
  const started = await launch()
  const page = await person.createVault(started, password)
  await person.goTo(page, '/settings')
  await page.getByRole('button', { name: 'Require…' }).click()
  const taken = stick(home)
  writeFileSync(taken, 'of another vault')
  await answerSaveDialog(started, taken)
  await page.getByRole('button', { name: 'Create a key file…' }).click()
  await expect(page.getByText('A file with this name is already there.')).toBeVisible()
  expect(readFileSync(taken, 'utf8')).toBe('of another vault')

  const synced = path.join(home.user, 'Dropbox')
  mkdirSync(synced)
  chmodSync(synced, 0o700)
  await answerSaveDialog(started, path.join(synced, 'half of the key'))
  await page.getByRole('button', { name: 'Create a key file…' }).click()
  await expect(page.getByText('This file lies in a folder that is synced.')).toBeVisible()
  expect(existsSync(path.join(synced, 'half of the key'))).toBe(true)
})

test('a new vault key leaves the password and the recovery key that was given, and gives up the one that was not', async ({
  launch,
  home,
}) => {
  const started = await launch()
  let page = await person.createVault(started, password)
  const key = await makeRecoveryKey(page, password)
  const before = readFileSync(path.join(home.data, 'vault.json'))

  await page.getByRole('button', { name: 'New key…' }).click()
  await page.getByLabel('Master password').fill(password)
  await page.getByLabel('Recovery key').fill(key)
  await page.getByRole('button', { name: 'Change the key' }).click()
  await expect(page.getByRole('progressbar')).toBeVisible()
  await expect(page.getByRole('heading', { name: 'The vault key was changed' })).toBeVisible()
  await page.getByRole('button', { name: 'Done' }).click()
  expect(readFileSync(path.join(home.data, 'vault.json')).equals(before)).toBe(false)

  let door = await person.lock(started, page)
  await useRecoveryKey(door, key)
  await door.getByRole('button', { name: 'Not now' }).click()
  page = await person.mainWindow(started)

  await person.goTo(page, '/settings')
  await page.getByRole('button', { name: 'New key…' }).click()
  await page.getByLabel('Master password').fill(password)
  await page.getByText('Give it up').click()
  await page.getByRole('button', { name: 'Change the key' }).click()
  await page.getByRole('button', { name: 'Done' }).click()
  await expect(page.getByRole('button', { name: 'Make…' })).toBeVisible()
  door = await person.lock(started, page)
  await door.getByRole('button', { name: 'Forgot your password?' }).click()
  await expect(door.getByRole('button', { name: 'Use recovery key' })).toHaveCount(0)
  await door.keyboard.press('Escape')
  await person.unlock(started, password)
})
