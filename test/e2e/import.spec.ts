// Import and export as a person does them, with real files, through the real main side.
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createAxeLog } from './axe.ts'
import { closeDialog } from './axe-screens.ts'
import { expect, test, type RunningApp } from './fixture.ts'
import * as person from './person.ts'

const masterPassword = 'nine lanterns over the quiet harbour'
const databasePassword = 'kdbx p&ss <w>örd'
const fixture = (name: string): string => path.resolve(import.meta.dirname, '../fixtures/import', name)

/** Answers where the system's save dialog puts a file, next and from then on. */
async function answerSaveDialog(started: RunningApp, file: string): Promise<void> {
  await started.app.evaluate(({ dialog }, chosen) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: chosen })
  }, file)
}

const importPids = async (started: RunningApp): Promise<number> =>
  (await started.app.evaluate(({ app }) => app.getAppMetrics().map(({ name }) => name))).filter(
    (name) => name === 'fernsync-import-process',
  ).length

test('import a KeePass database and a table with a duplicate, then export both ways', async ({
  launch,
  home,
}) => {
  const started = await launch()
  const page = await person.createVault(started, masterPassword)
  const database = path.join(home.user, 'mine.kdbx')
  copyFileSync(fixture('keepassxc.kdbx'), database)
  const rows = page.getByRole('list', { name: 'Entries of the file' }).getByRole('listitem')

  await test.step('a wrong password is said, the right one opens the database', async () => {
    await person.goTo(page, '/servers')
    await page.getByRole('link', { name: 'Import…' }).click()
    await person.answerDialog(started, database)
    await page.getByRole('button', { name: 'Choose file…' }).click()
    await expect(page.getByLabel('What it is')).toHaveValue('kdbx')
    await page.getByRole('textbox', { name: 'Password of this file' }).fill('wrong')
    await page.getByRole('button', { name: 'Open file' }).click()
    await expect(page.getByRole('alert')).toBeVisible()
    await page.getByRole('textbox', { name: 'Password of this file' }).fill(databasePassword)
    await page.getByRole('button', { name: 'Open file' }).click()
    await expect(rows).toHaveCount(5)
    expect(await importPids(started)).toBe(0)
  })

  await test.step('the preview says what stays behind, and holds no secret', async () => {
    await expect(rows.filter({ hasText: 'old.example' })).toContainText('It is in the recycle bin')
    await expect(rows.filter({ hasText: 'old.example' }).getByRole('checkbox')).toBeDisabled()
    expect(await page.content()).not.toContain('mail secret')
    await rows.filter({ hasText: 'Mail' }).getByRole('checkbox').uncheck()
    await page.getByRole('button', { name: 'Import 3 sign-ins' }).click()
    await expect(page.getByText('3 sign-ins added.')).toBeVisible()
    await expect(page.getByRole('link', { name: /Keyed/ })).toBeVisible()
  })

  await test.step('a table: what is there already is not ticked', async () => {
    const table = path.join(home.user, 'table.csv')
    writeFileSync(table, 'host,port,user,password\nweb.example,2222,deploy,x\nnew.example,,anna,second\n')
    await person.answerDialog(started, table)
    await page.getByRole('link', { name: 'Import sign-ins' }).click()
    await page.getByRole('button', { name: 'Choose file…' }).click()
    await expect(
      rows.filter({ hasText: 'Same server and user as Web' }).getByRole('checkbox'),
    ).not.toBeChecked()
    await page.getByRole('button', { name: 'Import 1 sign-in' }).click()
    await expect(page.getByText('1 sign-in added.')).toBeVisible()
  })

  await test.step('the vault as it is', async () => {
    const copy = path.join(home.user, 'copy.json')
    await answerSaveDialog(started, copy)
    await person.goTo(page, '/settings')
    await page.getByRole('button', { name: 'Export…' }).click()
    await page.getByRole('button', { name: 'Choose where to save…' }).click()
    await expect(page.getByText('The copy of the vault is written.')).toBeVisible()
    expect(readFileSync(copy)).toEqual(readFileSync(path.join(home.data, 'vault.json')))
  })

  await test.step('in clear only with the master password', async () => {
    const clear = path.join(home.user, 'clear.csv')
    await answerSaveDialog(started, clear)
    await page.getByRole('button', { name: 'Export…' }).click()
    await page.getByRole('radio', { name: /Table \(CSV\)/ }).check()
    const password = page.getByRole('textbox', { name: 'Master password' })
    await password.fill('not the password')
    await page.getByRole('button', { name: 'Choose where to save…' }).click()
    await expect(page.getByRole('dialog').getByRole('alert').first()).toBeVisible()
    expect(() => statSync(clear)).toThrow()
    await password.fill(masterPassword)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(page.getByText(/^4 sign-ins written in clear/)).toBeVisible()
    expect(statSync(clear).mode & 0o777).toBe(0o600)
    expect(readFileSync(clear, 'utf8')).toContain('share secret')
  })
})

test('a lock puts an open import away', async ({ launch, home }) => {
  const started = await launch()
  const page = await person.createVault(started, masterPassword)
  const table = path.join(home.user, 'table.csv')
  writeFileSync(table, 'host,user\nh.example,u\n')
  await person.answerDialog(started, table)
  await person.goTo(page, '/import')
  await page.getByRole('button', { name: 'Choose file…' }).click()
  await expect(page.getByRole('button', { name: 'Import 1 sign-in' })).toBeVisible()
  await person.lock(started, page)
  const again = await person.unlock(started, masterPassword)
  await person.goTo(again, '/servers')
  await expect(again.getByText('No servers yet')).toBeVisible()
})

test('axe finds nothing on the steps of an import and an export', async ({ launch, home }) => {
  const started = await launch()
  const page = await person.createVault(started, masterPassword)
  const axe = createAxeLog(started)
  const database = path.join(home.user, 'mine.kdbx')
  copyFileSync(fixture('keepassxc.kdbx'), database)
  await person.answerDialog(started, database)
  await person.goTo(page, '/import')
  await axe.look(page, 'import: start')
  await page.getByRole('button', { name: 'Choose file…' }).click()
  await page.getByRole('button', { name: 'Open file' }).click()
  await axe.look(page, 'import: file, password missing')
  await page.getByRole('textbox', { name: 'Password of this file' }).fill(databasePassword)
  await page.getByRole('button', { name: 'Open file' }).click()
  await expect(page.getByRole('button', { name: 'Import 4 sign-ins' })).toBeVisible()
  await axe.look(page, 'import: preview')
  await person.goTo(page, '/settings')
  await page.getByRole('button', { name: 'Export…' }).click()
  await page.getByRole('radio', { name: /JSON/ }).check()
  await axe.look(page, 'dialog export')
  await closeDialog(page)
  expect(axe.violations).toEqual([])
})
