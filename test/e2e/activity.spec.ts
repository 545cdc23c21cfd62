// What was done with a password is written down, seen in the app and by the command line; a damaged vault is repaired on screen.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { startOpenSsh } from '../servers/openssh.ts'
import { expect, test } from './fixture.ts'
import * as person from './person.ts'
import { addServer } from './setup.ts'

const password = 'nine lanterns over the quiet harbour'

test('a password shown and copied is in the record, and a line taken out of it is told', async ({
  launch,
  home,
}) => {
  const server = await startOpenSsh()
  const started = await launch()
  const page = await person.createVault(started, password)
  const id = await addServer(page, server, { name: 'Attic', secrets: { password: 's3cret' } })
  await server.stop()

  await test.step('show and copy', async () => {
    await person.goTo(page, `/servers/${id}`)
    await page.getByRole('button', { name: /^Show/ }).click()
    await expect(page.getByText('s3cret')).toBeVisible()
    await page.getByRole('button', { name: /^Copy/ }).click()
  })

  await test.step('read it, of this server and of all', async () => {
    await page.getByRole('link', { name: 'All activity' }).click()
    const list = page.getByRole('list', { name: 'Activity' })
    await expect(list.getByRole('listitem')).toContainText([
      'Today',
      'Password copied',
      'Password shown',
      'Added',
    ])
    await page.getByLabel('Server').selectOption({ label: 'All servers' })
    await expect(list.getByRole('listitem').last()).toContainText('Vault created')
    await expect(list.getByText('Password shown · Attic')).toBeVisible()
    await expect(page.getByText('none edited or taken away')).toBeVisible()
  })

  await test.step('take a line out', async () => {
    const file = path.join(home.data, 'device', 'audit.jsonl')
    const lines = readFileSync(file, 'utf8').split('\n')
    writeFileSync(file, lines.toSpliced(2, 1).join('\n'))
    await page.reload()
    await expect(page.getByRole('alert')).toContainText('Someone changed this record outside Fernsync')
  })
})

test('a vault cut in the middle is checked and repaired in the unlock window', async ({ launch, home }) => {
  const server = await startOpenSsh()
  const started = await launch()
  let page = await person.createVault(started, password)
  const id = await addServer(page, server, { name: 'Attic', secrets: { password: 's3cret' } })
  await addServer(page, server, { name: 'Cellar', secrets: { password: 'newest' } })
  await server.stop()
  page = await person.lock(started, page)

  const vault = path.join(home.data, 'vault.json')
  const cut = readFileSync(vault, 'utf8').slice(0, -700)
  writeFileSync(vault, cut)
  await page.reload()
  await page.getByRole('button', { name: 'Check and repair…' }).click()
  await page.getByLabel('Master password').fill('not the right one')
  await page.getByRole('button', { name: 'Check', exact: true }).click()
  await expect(page.getByText('The password is wrong.')).toBeVisible()
  await page.getByLabel('Master password').fill(password)
  await page.getByRole('button', { name: 'Check', exact: true }).click()
  await expect(page.getByText('The vault file is cut or broken; what could still be read was.')).toBeVisible()
  expect(readFileSync(vault, 'utf8')).toBe(cut)
  await page.getByRole('button', { name: 'Repair' }).click()
  const kept = await page.getByText(/The damaged files are kept in/).textContent()
  const folder = /old-vaults\/[0-9-]+-damaged/.exec(kept ?? '')?.[0] ?? ''
  expect(existsSync(path.join(home.data, folder, 'vault.json'))).toBe(true)
  await page.getByRole('button', { name: 'Go to unlock' }).click()

  page = await person.unlock(started, password)
  await person.goTo(page, `/servers/${id}`)
  await expect(page.getByRole('heading', { name: 'Attic' })).toBeVisible()
})
