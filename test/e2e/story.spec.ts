// The whole story of the product in the real renderer, against a real SSH server.
import { randomBytes, randomUUID } from 'node:crypto'
import { appendFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { startOpenSsh, type OpenSshServer } from '../servers/openssh.ts'
import { isAlive } from '../servers/processes.ts'
import { makeTree, snapshotTree, withoutOurs } from '../helpers/tree.ts'
import { expect, test as base } from './fixture.ts'
import * as person from './person.ts'
import { addJob, addServer } from './setup.ts'

const test = base.extend<{ server: OpenSshServer }>({
  // Playwright reads a fixture's needs from a destructured first parameter, also when it needs none.
  // eslint-disable-next-line no-empty-pattern
  server: async ({}, use) => {
    const server = await startOpenSsh()
    await use(server)
    await server.stop()
  },
})

const minute = 60_000
const masterPassword = 'nine lanterns over the quiet harbour'

/** Enough to see the progress move: files of every size class, awkward names among them. */
function makePhotos(folder: string): void {
  const small = Array.from(
    { length: 150 },
    (_, index) => [`2024/day ${index}.txt`, `photo ${index}\n`] as const,
  )
  const big = Array.from({ length: 30 }, (_, index) => [`raw/${index}.bin`, randomBytes(5_000_000)] as const)
  makeTree(folder, {
    ...Object.fromEntries<string>(small),
    ...Object.fromEntries<Uint8Array>(big),
    'añb 😀/“quoted” & <b>.txt': 'awkward',
    'empty.txt': '',
  })
}

test('create, add a server, sync, lock, sync by schedule while locked, unlock, read the history', async ({
  launch,
  home,
  server,
}) => {
  test.skip(server.password === null, 'types the password of a server, which only root can set')
  const photos = path.join(home.user, 'photos')
  makePhotos(photos)
  const trees = () => ({
    here: snapshotTree(photos, { keep: withoutOurs }),
    there: snapshotTree(path.join(server.root, 'backup'), { keep: withoutOurs }),
  })
  const started = await launch()

  let page = await test.step('create the vault', () => person.createVault(started, masterPassword))

  await test.step('add the first server with one line', async () => {
    await page.getByRole('button', { name: 'Add your first server' }).click()
    await person.enterAddress(page, server)
    await expect(page.getByRole('region', { name: 'Identity of the server' })).toContainText(
      server.fingerprint('ed25519').replace('SHA256:', '').slice(0, 8),
    )
    expect(server.passwordAttempts()).toBe(0)
    await page.getByRole('textbox', { name: 'Password' }).fill(server.password ?? '')
    await page.getByLabel('It is the same; I trust this server').check()
    await page.getByRole('button', { name: 'Test and save' }).click()
  })

  await test.step('choose both folders', async () => {
    await page.getByRole('button', { name: 'New folder' }).click()
    await page.getByLabel('Name of the new folder').fill('backup')
    await page.getByRole('button', { name: 'Make' }).click()
    await expect(page.getByText('The job uses')).toContainText('backup')
    await person.answerDialog(started, photos)
    await page.getByRole('button', { name: 'Choose folder…' }).click()
    await expect(page.getByText(photos)).toBeVisible()
    await page.getByRole('button', { name: 'Continue' }).click()
  })

  await test.step('say which way, when, and what happens while locked', async () => {
    await page.getByRole('radio', { name: 'This computer to the server' }).check()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByLabel('Name of the job').fill('Photos')
    await page.getByText('At intervals').click()
    await page.getByLabel('Every', { exact: true }).fill('15')
    await expect(page.getByText('Every 15 minutes')).toBeVisible()
    await page.getByRole('radio', { name: 'Keep running until I quit' }).check()
    await page.getByRole('button', { name: 'Create job' }).click()
  })
  await test.step('look at the plan, run it, and watch', async () => {
    await expect(page.getByText('182', { exact: true })).toBeVisible()
    await person.recordProgress(page)
    await page.getByRole('button', { name: 'Run this plan' }).click()
    await person.waitForProgress(page, 'transferring')
    // A run over loopback is over before anybody could look: the server holds its breath for a moment.
    server.signal('SIGSTOP')
    await expect(page.getByRole('progressbar', { name: 'Progress of Photos' })).toBeVisible()
    await expect(page.getByText(/^\d+ of 182 files · .* of 150(\.0)? MB$/)).toBeVisible()
    const halfway = (await person.recordedProgress(page)).at(-1)
    expect(halfway?.bytesDone).toBeLessThan(halfway?.bytesTotal ?? 0)
    server.signal('SIGCONT')
    await expect(page.getByText('All done')).toBeVisible({ timeout: 20_000 })
    expect(trees().there).toEqual(trees().here)
    await page.getByRole('button', { name: 'Go to jobs' }).click()
    await expect(page.getByRole('listitem').filter({ hasText: 'Photos' })).toContainText('Up to date')
  })

  await test.step('lock by keyboard: the window is replaced, the keys are gone, nothing answers', async () => {
    const [vaultProcess] = await person.childPids(started, 'vault-process')
    expect(isAlive(vaultProcess ?? 0)).toBe(true)
    page = await person.lock(started, page)
    await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible()
    expect(started.app.windows()).toHaveLength(1)
    expect(isAlive(vaultProcess ?? 0)).toBe(false)
    expect(await person.childPids(started, 'vault-process')).toEqual([])
    expect(await person.codeOf(page, 'credentials.list')).toBe('locked')
    const anything = { id: randomUUID(), field: 'password' }
    expect(await person.codeOf(page, 'credentials.reveal', anything)).toBe('locked')
    expect(await person.codeOf(page, 'credentials.copy', anything)).toBe('locked')
  })

  await test.step('the next scheduled run succeeds while locked', async () => {
    writeFileSync(path.join(photos, 'new while locked.txt'), 'made after the lock')
    appendFileSync(path.join(photos, '2024/day 7.txt'), 'and more\n')
    expect(trees().there).not.toEqual(trees().here)
    await person.advanceClock(started, 15 * minute + 6_000)
    await expect
      .poll(async () => (await person.history(page))[0], { timeout: 20_000 })
      .toMatchObject({ state: 'done', trigger: 'schedule' })
    expect(await person.codeOf(page, 'credentials.list')).toBe('locked')
    expect(await person.childPids(started, 'vault-process')).toEqual([])
    expect(trees().there).toEqual(trees().here)
  })

  await test.step('unlock: the history tells of it', async () => {
    page = await person.unlock(started, masterPassword)
    await page.getByRole('link', { name: 'History' }).click()
    const runs = page.getByRole('button', { name: /Photos/ })
    await expect(runs).toHaveCount(2)
    await expect(runs.first()).toContainText('1 new, 1 replaced')
    await runs.first().click()
    await expect(page.getByText(/On schedule/)).toBeVisible()
  })
})

test('a wrong password is refused with one sentence, and the right one opens', async ({ launch }) => {
  const started = await launch()
  const page = await person.lock(started, await person.createVault(started, masterPassword))
  await page.getByLabel('Master password').fill('not the right password')
  await page.getByRole('button', { name: 'Unlock' }).click()
  await expect(page.getByText('The password is wrong.')).toBeVisible()
  await expect(page.getByLabel('Master password')).toBeFocused()
  expect(await person.childPids(started, 'vault-process')).toEqual([])
  await person.unlock(started, masterPassword)
})

test('a server that is gone reads the same in row, tray, notification and history', async ({
  launch,
  home,
  server,
  mode,
}) => {
  test.skip(mode === 'real', 'reads tray and notification: REAL.md, row "native menus, tray, notifications"')
  const notes = path.join(home.user, 'notes')
  makeTree(notes, { 'a.txt': 'a' })
  const started = await launch()
  const page = await person.createVault(started, masterPassword)
  const credential = await addServer(page, server, { name: 'Attic' })
  await addJob(started, page, { name: 'Notes', credential, local: notes, schedule: 'every:15m' })
  await server.stop()

  await person.goTo(page, '/jobs')
  await page.getByRole('button', { name: 'Run now: Notes' }).click()
  const row = page.getByRole('listitem').filter({ hasText: 'Notes' })
  await expect(row).toContainText('The server cannot be reached', { timeout: 20_000 })
  const since = /since [0-9:]+/.exec(await row.innerText())?.[0] ?? 'no time'
  const text = `The server cannot be reached ${since}`

  const { status, toolTip } = await person.trayOf(started)
  expect(status).toBe(`Notes: ${text}`)
  expect(toolTip).toBe(`Fernsync: Notes: ${text}`)
  const told = await person.notificationsOf(started)
  expect(told).toEqual([{ title: 'Notes', body: expect.stringContaining(`${text}.`) as unknown }])

  await row.getByRole('button', { name: 'Run now: Notes' }).click()
  await expect.poll(async () => (await person.history(page)).length, { timeout: 20_000 }).toBe(2)
  await expect(row).toContainText(since)
  expect(await person.notificationsOf(started)).toHaveLength(1)

  await page.getByRole('link', { name: 'History' }).click()
  const runs = page.getByRole('button', { name: /Notes/ })
  await expect(runs).toHaveCount(2)
  await runs.first().click()
  await expect(page.getByText('The server cannot be reached.')).toBeVisible()

  await started.app.evaluate(() => globalThis.__standin.notifications[0]?.emit('click', {}))
  await expect(page.getByRole('heading', { name: 'Notes', level: 1 })).toBeVisible()
  await expect(page.getByText(text, { exact: true })).toBeVisible()
})
