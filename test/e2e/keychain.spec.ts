// Opening the vault with the key in the system's keychain: a real gnome-keyring on a bus of its own.
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from '@playwright/test'
import * as z from 'zod'
import { startBus, startKeyring, type Keyring, type SessionBus } from '../servers/gnome-keyring.ts'
import { expect, test as base, type Home, type RunningApp } from './fixture.ts'
import * as person from './person.ts'

const password = 'seven otters under the copper bridge'
const LogLine = z.object({ event: z.string(), why: z.string().optional() })

type Fixtures = {
  bus: SessionBus
  keyring: Keyring
  /** Starts the app on the bus. */
  start: () => Promise<RunningApp>
}

const test = base.extend<Fixtures>({
  bus: async ({ home }, use) => {
    const folder = path.join(home.root, 'bus')
    mkdirSync(folder, { mode: 0o700 })
    const bus = await startBus(folder)
    await use(bus)
    await bus.stop()
  },
  keyring: async ({ bus }, use) => {
    const keyring = await startKeyring(bus)
    await use(keyring)
    await keyring.stop()
  },
  start: async ({ bus, launch }, use) => {
    await use(() => launch({ env: { DBUS_SESSION_BUS_ADDRESS: bus.address } }))
  },
})

/** Why the keychain gave no key, each time the app asked for one. */
function noKeyReasons(home: Home): string[] {
  const folder = path.join(home.data, 'device', 'logs')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .flatMap((name) => readFileSync(path.join(folder, name), 'utf8').split('\n').filter(Boolean))
    .map((line) => LogLine.parse(JSON.parse(line)))
    .filter(({ event }) => event === 'keychain.no-key')
    .map(({ why }) => why ?? '')
}

const forget = (page: Page) => page.getByRole('button', { name: 'Forget the key' })

/** A new vault whose key the keychain keeps; the app has ended. */
async function withKeptKey(start: Fixtures['start'], keyring: Keyring): Promise<void> {
  const started = await start()
  const page = await person.createVault(started, password)
  await person.goTo(page, '/settings')
  await page.getByRole('button', { name: 'Use it…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Master password').fill('not my password')
  await dialog.getByRole('button', { name: 'Use the keychain' }).click()
  await expect(dialog.getByRole('alert')).toContainText('The password is wrong.')
  expect(await keyring.items()).toEqual([])
  await dialog.getByLabel('Master password').fill(password)
  await dialog.getByRole('button', { name: 'Use the keychain' }).click()
  await expect(forget(page)).toBeVisible()
  expect(await keyring.items()).toHaveLength(1)
  expect(await started.close()).toBe(0)
}

/** The next start opens the vault although nobody types anything. */
async function opensByItself(start: Fixtures['start']): Promise<{ started: RunningApp; page: Page }> {
  const started = await start()
  const page = await person.mainWindow(started)
  await person.goTo(page, '/settings')
  await expect(forget(page)).toBeVisible()
  return { started, page }
}

/** What the unlock window says of a keychain that gave no key. */
const sentences = new Map([
  ['locked', 'The keychain of this system is locked.'],
  ['unavailable', 'The keychain of this system does not answer.'],
])

/** The next start asks for the password, because the keychain answered `why`; the password opens the vault. */
async function asksForPassword(
  start: Fixtures['start'],
  home: Home,
  why: string,
): Promise<{ started: RunningApp; page: Page }> {
  const before = noKeyReasons(home).length
  const started = await start()
  const door = await person.unlockWindow(started)
  await expect.poll(() => noKeyReasons(home)[before]).toBe(why)
  await expect(door.getByLabel('Master password')).toBeVisible()
  const sentence = sentences.get(why)
  if (sentence === undefined) await expect(door.getByText('The keychain of this system')).toHaveCount(0)
  else await expect(door.getByText(sentence)).toBeVisible()
  const page = await person.unlock(started, password)
  await person.goTo(page, '/settings')
  return { started, page }
}

test('a vault whose key is in the keychain opens without the password, until the key is forgotten', async ({
  start,
  keyring,
  home,
}) => {
  await withKeptKey(start, keyring)
  const { started, page } = await opensByItself(start)
  await forget(page).click()
  await expect(page.getByRole('button', { name: 'Use it…' })).toBeVisible()
  expect(await keyring.items()).toEqual([])
  expect(await started.close()).toBe(0)

  const again = await asksForPassword(start, home, 'off')
  await expect(again.page.getByRole('button', { name: 'Use it…' })).toBeVisible()
})

test('with a locked keyring it asks for the password, and deletes nothing', async ({
  start,
  bus,
  keyring,
  home,
}) => {
  await withKeptKey(start, keyring)
  await keyring.lock()
  const { started, page } = await asksForPassword(start, home, 'locked')

  await forget(page).click()
  await expect(page.getByText('The keychain of this system is locked.')).toBeVisible()
  await expect(forget(page)).toBeVisible()
  expect(await keyring.items()).toHaveLength(1)
  expect(await started.close()).toBe(0)

  await keyring.stop()
  const unlocked = await startKeyring(bus)
  try {
    expect(await unlocked.items()).toHaveLength(1)
    await opensByItself(start)
  } finally {
    await unlocked.stop()
  }
})

test('without a keyring it asks for the password, and deletes nothing', async ({
  start,
  bus,
  keyring,
  home,
}) => {
  await withKeptKey(start, keyring)
  await keyring.stop()
  const { started, page } = await asksForPassword(start, home, 'unavailable')

  await forget(page).click()
  await expect(page.getByText('The keychain of this system is not available.')).toBeVisible()
  await expect(forget(page)).toBeVisible()
  expect(await started.close()).toBe(0)

  const back = await startKeyring(bus)
  try {
    expect(await back.items()).toHaveLength(1)
    await opensByItself(start)
  } finally {
    await back.stop()
  }
})

test('a keyring that comes up late still opens the vault', async ({ start, bus, keyring, home }) => {
  await withKeptKey(start, keyring)
  await keyring.stop()
  const started = await start()
  await person.unlockWindow(started)
  await expect.poll(() => noKeyReasons(home)).toContain('unavailable')
  const late = await startKeyring(bus)
  try {
    await person.mainWindow(started)
  } finally {
    await late.stop()
  }
})
