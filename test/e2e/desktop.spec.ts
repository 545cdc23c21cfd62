// What the app does beside its window: tray, single instance, start and end, theme, size, clipboard.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { makeTree } from '../helpers/tree.ts'
import { startOpenSsh } from '../servers/openssh.ts'
import { expect, spawnApp, test, type RunningApp } from './fixture.ts'
import * as person from './person.ts'
import { addJob, addServer } from './setup.ts'
import { exitOf, processesOf, textOf } from './standin-app.ts'

const password = 'nine lanterns over the quiet harbour'

/** Closes a window as its cross does. */
const closeWindow = (started: RunningApp): Promise<void> =>
  started.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())

test.describe('start and end', () => {
  test('closing the window leaves the app in the tray, jobs go on, a second start shows it again', async ({
    launch,
    home,
    mode,
  }) => {
    test.skip(mode === 'real', 'reads the tray: REAL.md, row "native menus, tray, notifications"')
    const server = await startOpenSsh()
    const started = await launch()
    const page = await person.createVault(started, password)
    const local = path.join(home.user, 'files')
    makeTree(local, { 'a.txt': 'a' })
    const credential = await addServer(page, server, { name: 'Attic' })
    const id = await addJob(started, page, { name: 'Files', credential, local, schedule: 'every:15m' })
    await closeWindow(started)
    await expect.poll(() => started.app.windows().length).toBe(0)
    await person.clickTray(started, `run-${id}`)
    await expect.poll(() => existsSync(path.join(server.root, 'backup/a.txt'))).toBe(true)

    const second = spawnApp(home)
    expect(await exitOf(second)).toEqual({ code: 0, signal: null })
    const again = await person.mainWindow(started)
    await expect(again.getByRole('listitem').filter({ hasText: 'Files' })).toContainText('Up to date')
    await closeWindow(started)
    await person.clickTray(started, 'open')
    await person.mainWindow(started)
    await server.stop()
  })

  test('a start at login shows no window, and a second one of that kind keeps it so', async ({
    launch,
    home,
  }) => {
    const started = await launch({ args: ['--hidden'] })
    expect(await exitOf(spawnApp(home, { args: ['--hidden'] }))).toEqual({ code: 0, signal: null })
    expect(await started.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(0)
    expect(await exitOf(spawnApp(home))).toEqual({ code: 0, signal: null })
    await person.unlockWindow(started)
  })

  test('a signal ends it cleanly: exit code 0, no process left', async ({ launch, home }) => {
    const started = await launch()
    await person.createVault(started, password)
    process.kill(started.pid, 'SIGTERM')
    expect(await started.close()).toBe(0)
    await expect.poll(() => processesOf(home.root)).toEqual([])
  })

  test('a home folder that cannot be used is explained, and nothing else starts', async ({ home }) => {
    writeFileSync(home.data, 'a file where the folder should be')
    const child = spawnApp(home)
    const output = textOf(child)
    expect(await exitOf(child)).toEqual({ code: 1, signal: null })
    expect(output()).toContain('Fernsync cannot start: The home folder of Fernsync cannot be used safely.')
    expect(readFileSync(home.data, 'utf8')).toBe('a file where the folder should be')
  })

  test('a page that crashes comes back', async ({ launch, mode }) => {
    test.skip(mode === 'real', 'Playwright loses a page whose renderer crashed')
    const started = await launch()
    await person.createVault(started, password)
    await expect.poll(() => started.app.windows().length).toBe(1)
    const next = started.app.waitForEvent('window')
    await started.app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer()
    })
    const page = await next
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible()
  })
})

test.describe('tray', () => {
  test('its menu locks, pauses, resumes and quits', async ({ launch, mode }) => {
    test.skip(mode === 'real', 'reads the tray: REAL.md, row "native menus, tray, notifications"')
    const started = await launch()
    await expect.poll(async () => (await person.trayOf(started)).status).toBe('Locked')
    await person.createVault(started, password)
    await expect.poll(async () => (await person.trayOf(started)).status).toBe('Everything is up to date')
    const { items } = await person.trayOf(started)
    expect(items.filter(({ id }) => id !== undefined)).toEqual([
      { id: 'status', label: 'Everything is up to date', enabled: false },
      { id: 'open', label: 'Open Fernsync', enabled: true },
      { id: 'run', label: 'Run now', enabled: false },
      { id: 'pause', label: 'Pause jobs', enabled: true },
      { id: 'lock', label: 'Lock', enabled: true },
      { id: 'lock-stop', label: 'Lock and stop jobs', enabled: true },
      { id: 'quit', label: 'Quit Fernsync', enabled: true },
    ])
    await person.clickTray(started, 'pause-open')
    await expect.poll(async () => (await person.trayOf(started)).status).toBe('Jobs are paused')
    await person.clickTray(started, 'resume')
    await expect.poll(async () => (await person.trayOf(started)).status).toBe('Everything is up to date')
    await person.clickTray(started, 'lock')
    await person.unlockWindow(started)
    await expect.poll(async () => (await person.trayOf(started)).status).toBe('Locked')
    const ended = started.app.waitForEvent('close')
    await person.clickTray(started, 'quit').catch(() => undefined) // it may be gone before it answers
    await ended
    expect(await started.close()).toBe(0)
  })
})

test.describe('appearance', () => {
  test('theme and size are kept for the next start', async ({ launch }) => {
    const first = await launch()
    const page = await person.createVault(first, password)
    const themeOf = (started: RunningApp) =>
      started.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)
    expect(await themeOf(first)).toBe('system')
    expect(await person.codeOf(page, 'preferences.set', { theme: 'dark' })).toBeNull()
    await expect
      .poll(() => page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches))
      .toBe(true)
    await first.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(901, 703))
    await first.close()

    const second = await launch()
    await person.unlockWindow(second)
    expect(await themeOf(second)).toBe('dark')
    const size = await second.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getSize())
    expect(size).toEqual([901, 703])
  })

  test('starting at login is a file of the desktop, made and removed by the setting', async ({
    launch,
    home,
    mode,
  }) => {
    test.skip(process.platform !== 'linux' || mode === 'real', 'elsewhere the system keeps it')
    const entry = path.join(home.user, '.config/autostart/fernsync-desktop.desktop')
    const started = await launch()
    const page = await person.createVault(started, password)
    await person.goTo(page, '/settings')
    const choice = page.getByRole('switch', { name: 'Start when I sign in' })
    await choice.click()
    await expect.poll(() => existsSync(entry)).toBe(true)
    expect(readFileSync(entry, 'utf8')).toMatch(new RegExp(`^Exec=.*"--hidden" "--home=${home.data}"$`, 'm'))
    await expect(choice).toBeChecked()
    await choice.click()
    await expect.poll(() => existsSync(entry)).toBe(false)
  })
})

test.describe('clipboard', () => {
  test('a copied password is marked, cleared after its time and on lock, and never crosses to the page', async ({
    launch,
    mode,
  }) => {
    test.skip(mode === 'real', 'would use the clipboard of the machine')
    const server = await startOpenSsh()
    const started = await launch()
    const page = await person.createVault(started, password)
    const id = await addServer(page, server, { name: 'Attic', secrets: { password: 'kept from the page' } })
    await server.stop()
    const clipboard = () => started.app.evaluate(() => globalThis.__standin.clipboard)
    expect(await person.callFrom(page, 'credentials.copy', { id, field: 'password' })).toEqual({
      ok: true,
      value: { clearsAfterMs: 20_000 },
    })
    expect(await clipboard()).toMatchObject({
      text: 'kept from the page',
      formats: { 'electron application/osclipboard;format="x-kde-passwordManagerHint"': 'secret' },
    })
    await person.codeOf(page, 'settings.set', { clearClipboardMs: 5_000 })
    await person.callFrom(page, 'credentials.copy', { id, field: 'password' })
    await expect.poll(clipboard, { timeout: 8_000 }).toMatchObject({ text: '', formats: {} })

    await person.callFrom(page, 'credentials.copy', { id, field: 'password' })
    await started.app.evaluate(({ clipboard: system }) => system.writeText('copied by someone else'))
    await person.lock(started, page)
    expect(await clipboard()).toMatchObject({ text: 'copied by someone else' })
    const opened = await person.unlock(started, password)
    await person.callFrom(opened, 'credentials.copy', { id, field: 'password' })
    await person.lock(started, opened)
    expect(await clipboard()).toMatchObject({ text: '' })
  })
})
