// A home with something of everything, and the dialogs of its window, for the test that looks at every screen.
import path from 'node:path'
import type { Page } from '@playwright/test'
import { makeTree } from '../helpers/tree.ts'
import type { OpenSshServer } from '../servers/openssh.ts'
import type { AxeLog } from './axe.ts'
import { expect, type Home, type RunningApp } from './fixture.ts'
import * as person from './person.ts'
import { addJob, addServer, type JobSetup } from './setup.ts'

export const dialog = (page: Page) => page.getByRole('dialog').or(page.getByRole('alertdialog'))

export async function closeDialog(page: Page): Promise<void> {
  // One of them may ask something above another.
  await expect(async () => {
    await page.keyboard.press('Escape')
    await expect(dialog(page)).toHaveCount(0, { timeout: 500 })
  }).toPass()
}

export async function pickFromMenu(page: Page, menu: string | RegExp, item: string): Promise<void> {
  await page.getByRole('button', { name: menu }).first().click()
  await page.getByRole('menuitem', { name: item }).click()
}

export type Names = Record<'attic' | 'cellar' | 'blocked' | 'photos' | 'refused' | 'guarded', string>

/** A home with something of everything; answers the ids. */
export async function fill(
  started: RunningApp,
  page: Page,
  home: Home,
  server: OpenSshServer,
): Promise<Names> {
  const photos = path.join(home.user, 'pictures')
  makeTree(
    photos,
    Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`2024/day ${i}.jpg`, `photo ${i}`])),
  )
  makeTree(
    path.join(server.root, 'taken'),
    Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}`, 'x'])),
  )
  const attic = await addServer(page, server, { name: 'Attic' })
  const cellar = await addServer(page, server, { name: 'Cellar', hostKey: null })
  const blocked = await addServer(page, server, { name: 'Shed', secrets: { password: 'wrong' } })
  const job = (setup: Partial<JobSetup> & { name: string }) =>
    addJob(started, page, { credential: attic, local: photos, ...setup })
  const ids = {
    photos: await job({ name: 'Photos', schedule: 'every:15m' }),
    refused: await job({
      name: 'Refused',
      credential: blocked,
      schedule: '30 2 * * 1-5',
      whenLocked: 'wait',
    }),
    guarded: await job({ name: 'Guarded', remote: 'taken', mode: 'mirror' }),
  }
  await job({ name: 'Switched off', schedule: '@hourly', enabled: false })
  for (const id of Object.values(ids)) {
    expect(await person.codeOf(page, 'jobs.run', { id, approve: null })).toBeNull()
  }
  await expect.poll(async () => (await person.history(page)).length, { timeout: 30_000 }).toBe(3)
  const states = (await person.history(page)).map(({ state }) => state)
  expect(states.sort()).toEqual(['done', 'failed', 'stopped'])
  return { attic, cellar, blocked, ...ids }
}

/** Every dialog of the main window and a menu, opened as a person opens them. */
export async function lookAtDialogs(page: Page, axe: AxeLog, names: Names): Promise<void> {
  await person.goTo(page, '/settings')
  await page.getByRole('button', { name: 'Change…' }).click()
  await page.getByRole('button', { name: 'Change password' }).click()
  await axe.look(page, 'dialog change-password')
  await closeDialog(page)
  await page.getByRole('button', { name: 'Export…' }).click()
  await page.getByRole('radio', { name: /CSV/ }).check()
  await axe.look(page, 'dialog export')
  await closeDialog(page)
  await page.getByRole('button', { name: 'Check…' }).click()
  await page.getByRole('button', { name: 'Check', exact: true }).click()
  await expect(page.getByText('All intact')).toBeVisible()
  await axe.look(page, 'dialog check-vault')
  await closeDialog(page)
  await page.getByRole('button', { name: 'Use it…' }).click()
  await axe.look(page, 'dialog keychain')
  await closeDialog(page)
  await lookAtWaysIn(page, axe)
  await person.goTo(page, '/jobs')
  await page.getByRole('button', { name: 'More actions for Photos' }).click()
  await axe.look(page, 'the menu of a job')
  await page.getByRole('menuitem', { name: 'Delete…' }).click()
  await axe.look(page, 'dialog remove-job')
  await closeDialog(page)
  await pickFromMenu(page, 'More actions for Guarded', 'Preview…')
  await expect(page.getByText('Stopped to be safe').last()).toBeVisible()
  await axe.look(page, 'dialog plan')
  await closeDialog(page)
  await person.goTo(page, `/servers/${names.attic}`)
  await pickFromMenu(page, 'More actions', 'Export…')
  await page.getByRole('textbox', { name: 'Master password' }).fill('does not matter')
  await page.getByRole('button', { name: 'Choose where to save…' }).click()
  await axe.look(page, 'dialog export-server')
  await closeDialog(page)
  await pickFromMenu(page, 'More actions', 'Delete')
  await axe.look(page, 'dialog server-in-use')
  await closeDialog(page)
  await person.goTo(page, `/servers/${names.cellar}`)
  await pickFromMenu(page, 'More actions', 'Delete')
  await axe.look(page, 'dialog remove-server')
  await closeDialog(page)
  await page.getByRole('button', { name: 'Check identity' }).click()
  await page.getByRole('button', { name: 'Trust and save' }).click()
  await expect(page.getByText('Confirm the identity first.')).toBeVisible()
  await axe.look(page, 'dialog trust')
  await closeDialog(page)
}

/** The dialogs of the ways in, each with what is missing in it. */
async function lookAtWaysIn(page: Page, axe: AxeLog): Promise<void> {
  const submit = (name: string) => page.getByRole('button', { name }).click()
  await page.getByRole('button', { name: 'Make…' }).click()
  await expect(page.getByRole('list', { name: /^Recovery key/ })).toBeVisible()
  await axe.look(page, 'dialog recovery-key')
  await submit('I have written it down')
  await submit('Turn it on')
  await axe.look(page, 'groups of a recovery key, not typed')
  await closeDialog(page)
  await page.getByRole('button', { name: 'Require…' }).click()
  await submit('Require it')
  await axe.look(page, 'dialog require-key-file')
  await closeDialog(page)
  await page.getByRole('button', { name: 'New key…' }).click()
  await submit('Change the key')
  await axe.look(page, 'dialog rotate-key')
  await closeDialog(page)
}

/** What only a vault with a recovery key and a key file shows, up to its unlock window. */
export async function lookAtGuardedVault(started: RunningApp, page: Page, axe: AxeLog): Promise<void> {
  await person.goTo(page, '/settings')
  await axe.look(page, 'settings with every way in')
  await page.getByRole('button', { name: 'Change…' }).click()
  await page.getByRole('button', { name: 'I do not know the password' }).click()
  await page.getByRole('button', { name: 'Change password' }).click()
  await axe.look(page, 'change-password, by recovery key')
  await closeDialog(page)
  await page.getByRole('button', { name: 'Remove…' }).click()
  await page.getByRole('button', { name: 'Remove it' }).click()
  await axe.look(page, 'dialog remove-recovery-key')
  await closeDialog(page)
  await page.getByRole('button', { name: 'Stop requiring…' }).click()
  await page.getByRole('button', { name: 'Stop requiring it' }).click()
  await axe.look(page, 'dialog stop-key-file')
  await closeDialog(page)
  const door = await person.lock(started, page)
  await door.getByRole('button', { name: 'Unlock' }).click()
  await axe.look(door, 'unlock with a key file')
  await door.getByRole('button', { name: 'Forgot your password?' }).click()
  await axe.look(door, 'forgot, with a recovery key')
  await door.getByRole('button', { name: 'Use recovery key' }).click()
  await door.getByLabel('Recovery key').fill('7K2M')
  await door.getByRole('button', { name: 'Unlock with recovery key' }).click()
  await expect(door.getByText('This recovery key has a typing mistake.')).toBeVisible()
  await axe.look(door, 'a mistyped recovery key')
}

/** The form of every kind that is only kept, the generator, and the detail screen with a past. */
export async function lookAtKinds(page: Page, axe: AxeLog): Promise<void> {
  for (const type of ['smb', 'webdav', 'ftp', 's3', 'oauth', 'generic']) {
    await person.goTo(page, `/servers/new/${type}`)
    await expect(page.getByLabel('Name in Fernsync')).toBeVisible()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await axe.look(page, `a form of kind ${type}, nothing filled in`)
  }
  await page.getByRole('button', { name: 'Generate: Password' }).click()
  await axe.look(page, 'the password generator')
  await page.getByRole('button', { name: 'Use it' }).click()
  await expect(page.getByText(/^Generated/)).toBeVisible()
  await page.getByLabel('Name in Fernsync').fill('Bank')
  await page.getByLabel('Tags').fill('money,')
  await page.getByLabel('Expires').fill('2020-01-31')
  await page.getByLabel('Notes').fill('note')
  await axe.look(page, 'a form with a generated password and a tag')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('No earlier versions.')).toBeVisible()
  await axe.look(page, 'an entry without a past')
  await page.getByRole('link', { name: 'Edit', exact: true }).click()
  await page.getByRole('button', { name: 'Remove: Notes' }).click()
  await axe.look(page, 'an entry being changed')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const past = page.getByRole('region', { name: 'Earlier versions' })
  await past.getByRole('button', { name: /^Show/ }).first().click()
  await axe.look(page, 'an entry with a past')
  await past.getByRole('button', { name: /^Restore/ }).click()
  await axe.look(page, 'dialog restore')
  await closeDialog(page)
  await past.getByRole('button', { name: 'Erase…' }).click()
  await axe.look(page, 'dialog erase')
  await closeDialog(page)
}
