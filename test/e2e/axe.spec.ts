// axe finds nothing on any route and in any dialog: empty, filled and with errors, light and dark.
import { randomUUID } from 'node:crypto'
import { appendFileSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { Page } from '@playwright/test'
import type { CallName } from '../../main/contract/calls.ts'
import { makeTree } from '../helpers/tree.ts'
import { startOpenSsh } from '../servers/openssh.ts'
import {
  closeDialog,
  dialog,
  fill,
  lookAtDialogs,
  lookAtGuardedVault,
  lookAtKinds,
  pickFromMenu,
} from './axe-screens.ts'
import { answerSaveDialog, makeRecoveryKey, requireKeyFile } from './ways-in-steps.ts'
import { createAxeLog, type AxeLog } from './axe.ts'
import { expect, test, type RunningApp } from './fixture.ts'
import * as person from './person.ts'
import { addJob, addServer } from './setup.ts'

const password = 'nine lanterns over the quiet harbour'
const rendererFile = (name: string): string =>
  readFileSync(path.resolve(import.meta.dirname, '../../renderer', name), 'utf8')

/** Every route as renderer/routes.ts writes it, with an address that leads there. */
const addresses = (ids: { job: string; server: string }): Readonly<Record<string, string>> => ({
  '/unlock': '/unlock',
  '/': '/',
  '': '/',
  welcome: '/welcome',
  jobs: '/jobs',
  'jobs/new': '/jobs/new',
  'jobs/:id': `/jobs/${ids.job}`,
  'jobs/:id/edit': `/jobs/${ids.job}/edit`,
  'servers/new/:type?': '/servers/new',
  servers: '/servers',
  ':id': `/servers/${ids.server}`,
  ':id/edit': `/servers/${ids.server}/edit`,
  'history/:job?': `/history/${ids.job}`,
  'activity/:server?': '/activity',
  settings: '/settings',
  import: '/import',
  ':rest(.*)*': '/no/such/place',
})

/** Every dialog of renderer/dialogs.ts; each is opened below the way a person opens it. */
const dialogs = [
  'change-password',
  'export',
  'export-server',
  'check-vault',
  'check-locked',
  'keychain',
  'forgot',
  'plan',
  'recovery-key',
  'remove-recovery-key',
  'require-key-file',
  'stop-key-file',
  'rotate-key',
  'remove-job',
  'remove-server',
  'server-in-use',
  'start-over',
  'trust',
]

/** All screens of the open vault. */
async function lookAtRoutes(page: Page, axe: AxeLog, state: string, ids: { job: string; server: string }) {
  for (const [route, address] of Object.entries(addresses(ids))) {
    if (route === '/unlock') continue
    await person.goTo(page, address)
    // Where the window begins is no screen: it leads on to one.
    if (address === '/') await expect.poll(() => person.routeOf(page)).not.toBe('/')
    await expect(page.getByRole('main')).toBeVisible()
    await axe.look(page, `${state} ${route}`)
  }
}

/** Makes calls fail as they would if main could not carry them out. */
async function breakCalls(started: RunningApp, names: readonly CallName[]): Promise<void> {
  await started.app.evaluate(({ ipcMain }, broken) => {
    const error = {
      code: 'internal',
      message: 'Something failed inside Fernsync.',
      help: 'Run again; if it repeats, report it with the log of this run.',
      details: {},
    }
    for (const name of broken) {
      ipcMain.removeHandler(`call:${name}`)
      ipcMain.handle(`call:${name}`, () => ({ ok: false, error }))
    }
  }, names)
}

test('the lists of routes and dialogs are complete', () => {
  const routes = [...rendererFile('routes.ts').matchAll(/\bpath: '([^']*)'/g)].map(([, route]) => route)
  expect(Object.keys(addresses({ job: '', server: '' }))).toEqual(routes)
  const names = [...rendererFile('dialogs.ts').matchAll(/^ {2}'?([a-z-]+)'?: \(/gm)].map(([, name]) => name)
  expect(dialogs).toEqual(names)
})

test('empty: a new vault, and every screen of it', async ({ launch }) => {
  test.setTimeout(120_000)
  const started = await launch()
  const axe = createAxeLog(started)
  const first = await person.unlockWindow(started)
  await axe.look(first, 'empty /unlock')
  await first.getByLabel('Choose a master password').fill('short')
  await first.getByRole('button', { name: 'Create vault' }).click()
  await axe.look(first, 'empty /unlock refused')
  const page = await person.createVault(started, password, (offer) => axe.look(offer, 'recovery key offered'))
  await lookAtRoutes(page, axe, 'empty', { job: randomUUID(), server: randomUUID() })
  expect(axe.violations).toEqual([])
})

test('axe would say so', async ({ launch }) => {
  const started = await launch()
  const axe = createAxeLog(started)
  const page = await person.unlockWindow(started)
  // A window that is there may have drawn nothing yet, and then nothing would be planted.
  await expect(page.getByLabel('Choose a master password')).toBeVisible()
  await page.evaluate(() => document.querySelector('form')?.append(document.createElement('input')))
  await axe.look(page, 'planted')
  expect(axe.violations).toHaveLength(2)
  expect(axe.violations[0]).toContain('planted, light: label')
})

test('filled: servers, jobs, runs, plans, steps and dialogs', async ({ launch, home }) => {
  test.setTimeout(240_000)
  const server = await startOpenSsh()
  const started = await launch()
  const axe = createAxeLog(started)
  let page = await person.createVault(started, password)
  const names = await fill(started, page, home, server)

  await test.step('routes', async () => {
    await lookAtRoutes(page, axe, 'filled', { job: names.photos, server: names.attic })
    await lookAtRoutes(page, axe, 'filled with trouble', { job: names.refused, server: names.blocked })
  })

  await test.step('kinds of credential, what is made for them, and what they were', async () => {
    await lookAtKinds(page, axe)
  })

  await test.step('first steps: a server', async () => {
    await person.goTo(page, '/servers/new/sftp')
    await page.getByLabel('Server address').fill('not an address at all')
    await page.getByRole('button', { name: 'Continue' }).click()
    await axe.look(page, 'an address that cannot be read')
    await person.enterAddress(page, server)
    await expect(page.getByLabel('It is the same; I trust this server')).toBeVisible()
    await page.getByLabel('Name in Fernsync').fill('')
    await page.getByRole('button', { name: 'Test and save' }).click()
    await axe.look(page, 'identity and sign-in, nothing filled in')
    await page.getByLabel('Name in Fernsync').fill('Loft')
    for (const kind of ['Paste key', 'Key file', 'New key', 'SSH agent', 'Password']) {
      await page.getByText(kind, { exact: true }).click()
      await axe.look(page, `sign-in by ${kind}`)
    }
    await page.getByRole('textbox', { name: 'Password' }).fill('wrong')
    await page.getByLabel('It is the same; I trust this server').check()
    await page.getByRole('button', { name: 'Test and save' }).click()
    await expect(page.getByText('The server refused this sign-in.')).toBeVisible()
    await axe.look(page, 'a test that failed')
  })

  await test.step('first steps: a job', async () => {
    await person.goTo(page, '/jobs/new')
    await page.getByRole('button', { name: /^Attic/ }).click()
    await expect(page.getByText('The job uses')).toBeVisible()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('button', { name: 'New folder' }).click()
    await axe.look(page, 'folders, none chosen')
    await page.keyboard.press('Escape')
    await person.answerDialog(started, path.join(home.user, 'pictures'))
    await page.getByRole('button', { name: 'Choose folder…' }).click()
    await axe.look(page, 'folders')
    await page.getByRole('button', { name: 'Continue' }).click()
    await axe.look(page, 'direction')
    await page.getByRole('button', { name: 'Continue' }).click()
    for (const kind of ['At intervals', 'Daily', 'Weekly', 'Custom rule']) {
      await page.getByText(kind, { exact: true }).click()
      await axe.look(page, `schedule ${kind}`)
    }
    await page.getByText('Daily', { exact: true }).click()
    await page.getByRole('button', { name: 'Create job' }).click()
    await expect(page.getByRole('button', { name: 'Run this plan' })).toBeEnabled()
    await axe.look(page, 'the first plan')
    server.signal('SIGSTOP')
    await page.getByRole('button', { name: 'Run this plan' }).click()
    await expect(page.getByRole('progressbar')).toBeVisible()
    await axe.look(page, 'the first run')
    await person.goTo(page, '/jobs')
    await expect(page.getByRole('progressbar')).toBeVisible()
    await axe.look(page, 'a running job')
    server.signal('SIGCONT')
    await expect(page.getByRole('progressbar')).toHaveCount(0, { timeout: 20_000 })
  })

  await test.step('dialogs and menus', () => lookAtDialogs(page, axe, names))
  await test.step('details', async () => {
    await person.goTo(page, `/servers/${names.attic}`)
    await page.getByRole('button', { name: 'Test', exact: true }).click()
    await expect(page.getByText('Everything works.')).toBeVisible()
    await page.getByRole('button', { name: /^Show/ }).click()
    await axe.look(page, 'a server, tested, its password shown')
    await person.goTo(page, '/history')
    await page.getByRole('button', { expanded: false }).first().click()
    await axe.look(page, 'history with a run open')
    await person.goTo(page, '/jobs')
    await page.getByRole('button', { name: 'Pause all' }).click()
    await expect(page.getByText('All schedules are paused')).toBeVisible()
    await axe.look(page, 'paused')
  })

  await test.step('the unlock window', async () => {
    page = await person.lock(started, page)
    await axe.look(page, 'filled /unlock')
    await page.getByRole('button', { name: 'Forgot your password?' }).click()
    await axe.look(page, 'dialog forgot')
    await page.getByRole('button', { name: 'Restore' }).first().click()
    await axe.look(page, 'dialog forgot, asked once more')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Start over…' }).click()
    await axe.look(page, 'dialog start-over')
    await closeDialog(page)
    appendFileSync(path.join(home.data, 'vault.json'), 'no longer JSON')
    await page.reload()
    await page.getByRole('button', { name: 'Check and repair…' }).click()
    await axe.look(page, 'dialog check-locked')
    await page.getByLabel('Master password').fill(password)
    await page.getByRole('button', { name: 'Check', exact: true }).click()
    await expect(page.getByText('Damage found')).toBeVisible({ timeout: 20_000 })
    await axe.look(page, 'dialog check-locked, damage found')
    await page.getByRole('button', { name: 'Repair' }).click()
    await expect(page.getByText('The vault is repaired')).toBeVisible({ timeout: 20_000 })
    await axe.look(page, 'dialog check-locked, repaired')
  })
  await test.step('every way in', async () => {
    await closeDialog(page)
    await page.reload()
    page = await person.unlock(started, password)
    await makeRecoveryKey(page, password)
    await requireKeyFile(started, page, { file: path.join(home.user, 'key'), password })
    await lookAtGuardedVault(started, page, axe)
  })
  await server.stop()
  expect(dialogs.filter((name) => !axe.names.includes(`dialog ${name}`))).toEqual([])
  expect(axe.violations).toEqual([])
})

test('errors: every screen and dialog when what it asks for fails', async ({ launch, home }) => {
  test.setTimeout(120_000)
  const server = await startOpenSsh()
  const started = await launch()
  const axe = createAxeLog(started)
  let page = await person.createVault(started, password)
  const local = path.join(home.user, 'notes')
  makeTree(local, { 'a.txt': 'a' })
  const credential = await addServer(page, server, { name: 'Attic' })
  const unpinned = await addServer(page, server, { name: 'Cellar', hostKey: null })
  const job = await addJob(started, page, { name: 'Notes', credential, local })
  await server.stop()

  await test.step('dialogs whose action fails', async () => {
    await breakCalls(started, [
      'vault.changePassword',
      'vault.check',
      'exports.vault',
      'exports.credential',
      'keychain.remember',
      'vault.restore',
      'vault.startOver',
      'jobs.preview',
      'jobs.remove',
      'jobs.run',
      'jobs.add',
      'credentials.remove',
      'credentials.fetchHostKey',
      'credentials.test',
      'remote.list',
    ])
    await person.goTo(page, '/settings')
    await page.getByRole('button', { name: 'Change…' }).click()
    await page.getByLabel('Current password').fill('does not matter')
    await page.getByLabel('Choose a master password').fill('another long password')
    await page.getByLabel('Type it again').fill('another long password')
    await page.getByRole('button', { name: 'Change password' }).click()
    await lookAtFailure(page, axe, 'change-password')
    await page.getByRole('button', { name: 'Check…' }).click()
    await page.getByRole('button', { name: 'Check', exact: true }).click()
    await lookAtFailure(page, axe, 'check-vault')
    await page.getByRole('button', { name: 'Use it…' }).click()
    await page.getByRole('dialog').getByLabel('Master password').fill('does not matter')
    await page.getByRole('button', { name: 'Use the keychain' }).click()
    await lookAtFailure(page, axe, 'keychain')
    await answerSaveDialog(started, path.join(home.user, 'export'))
    await page.getByRole('button', { name: 'Export…' }).click()
    await page.getByRole('button', { name: 'Choose where to save…' }).click()
    await lookAtFailure(page, axe, 'export')
    await person.goTo(page, '/jobs')
    await pickFromMenu(page, 'More actions for Notes', 'Preview…')
    await lookAtFailure(page, axe, 'plan')
    await pickFromMenu(page, 'More actions for Notes', 'Delete…')
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await lookAtFailure(page, axe, 'remove-job')
    await person.goTo(page, `/servers/${unpinned}`)
    await page.getByRole('button', { name: 'Check identity' }).click()
    await lookAtFailure(page, axe, 'trust')
    await pickFromMenu(page, 'More actions', 'Export…')
    await page.getByRole('textbox', { name: 'Master password' }).fill('does not matter')
    await page.getByLabel('Password of the file').fill('another long password')
    await page.getByLabel('Type it again').fill('another long password')
    await page.getByRole('button', { name: 'Choose where to save…' }).click()
    await lookAtFailure(page, axe, 'export-server')
    await pickFromMenu(page, 'More actions', 'Delete')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await lookAtFailure(page, axe, 'remove-server')
  })

  await test.step('steps and rows whose action fails', async () => {
    await person.goTo(page, '/jobs')
    await page.getByRole('button', { name: 'Run now: Notes' }).click()
    await expect(page.getByText('Something failed inside Fernsync.')).toBeVisible()
    await axe.look(page, 'a job that cannot be started')
    await person.goTo(page, `/servers/${credential}`)
    await page.getByRole('button', { name: 'Test', exact: true }).click()
    await expect(page.getByText('Something failed inside Fernsync.')).toBeVisible()
    await axe.look(page, 'a server that cannot be tested')
    await person.goTo(page, '/servers/new/sftp')
    await person.enterAddress(page, server)
    await expect(page.getByText('Something failed inside Fernsync.')).toBeVisible()
    await axe.look(page, 'a server that does not say who it is')
    await person.goTo(page, '/jobs/new')
    await page.getByRole('button', { name: /^Attic/ }).click()
    await expect(page.getByText('Something failed inside Fernsync.')).toBeVisible()
    await axe.look(page, 'folders that cannot be listed')
  })

  await test.step('routes whose data fails', async () => {
    await breakCalls(started, [
      'app.info',
      'jobs.list',
      'credentials.list',
      'history.list',
      'vault.activity',
      'settings.get',
      'preferences.get',
    ])
    await page.reload()
    await lookAtRoutes(page, axe, 'error', { job, server: credential })
  })

  await test.step('the unlock window', async () => {
    page = await person.lock(started, page)
    await page.getByRole('button', { name: 'Forgot your password?' }).click()
    await page.getByRole('button', { name: 'Restore' }).first().click()
    await page.getByRole('button', { name: 'Restore' }).last().click()
    await lookAtFailure(page, axe, 'forgot')
    await page.getByRole('button', { name: 'Forgot your password?' }).click()
    await page.getByRole('button', { name: 'Start over…' }).click()
    await page.getByRole('button', { name: 'Start over', exact: true }).click()
    await lookAtFailure(page, axe, 'start-over')
    await page.getByLabel('Master password').fill('not the right one')
    await page.getByRole('button', { name: 'Unlock' }).click()
    await expect(page.getByText('The password is wrong.')).toBeVisible()
    await axe.look(page, 'error /unlock')
    const vault = path.join(home.data, 'vault.json')
    appendFileSync(vault, 'no longer JSON')
    await page.reload()
    await expect(page.getByText('The vault file is damaged')).toBeVisible()
    await axe.look(page, 'a damaged vault')
    rmSync(vault)
    await page.getByRole('button', { name: 'Look again' }).click()
    await expect(page.getByText('The vault file is missing')).toBeVisible()
    await axe.look(page, 'a missing vault')
    await breakCalls(started, ['vault.status'])
    await page.reload()
    await expect(page.getByText('Something failed inside Fernsync.')).toBeVisible()
    await axe.look(page, 'a vault that says nothing')
  })
  expect(axe.violations).toEqual([])
})

async function lookAtFailure(page: Page, axe: AxeLog, name: string): Promise<void> {
  await expect(dialog(page).getByText('Something failed inside Fernsync.')).toBeVisible()
  await axe.look(page, `error dialog ${name}`)
  await closeDialog(page)
}
