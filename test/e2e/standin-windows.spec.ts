// What the stand-in promises, shown on a small app of its own (test/standin/fixture-app).
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { expect, test } from './fixture.ts'
import { appDir, log } from './standin-app.ts'

test.describe('windows, menus, tray, theme', () => {
  test('several windows live at once, each with its own renderer', async ({ launch }) => {
    const started = await launch({ appDir })
    await started.windowFor('Fixture main')
    await started.app.evaluate(
      () => void globalThis.fixture.createWindow('second', { width: 500, height: 400 }),
    )
    const second = await started.windowFor('Fixture second')
    await expect(second.getByTestId('name')).toHaveText('second')
    const pids = await started.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map((window) => window.webContents.getOSProcessId()),
    )
    expect(new Set(pids).size).toBe(2)
    for (const pid of pids) expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain('--type=renderer')
    const listed = await started.app.evaluate(({ app }) =>
      app.getAppMetrics().map(({ pid, type }) => ({ pid, type })),
    )
    for (const pid of pids) expect(listed).toContainEqual({ pid, type: 'Tab' })
    expect(listed).toContainEqual({ pid: started.pid, type: 'Browser' })

    const handle = await started.app.browserWindow(second)
    const title = (): Promise<string> =>
      handle.evaluate((window: Electron.BrowserWindow) => window.getTitle())
    await expect.poll(title).toBe('Fixture second')
    const state = (): Promise<boolean[]> =>
      handle.evaluate((window: Electron.BrowserWindow) => [window.isVisible(), window.isFocused()])
    await expect.poll(state).toEqual([true, true])
    await handle.evaluate((window: Electron.BrowserWindow) => window.hide())
    expect(await state()).toEqual([false, false])
    await handle.evaluate((window: Electron.BrowserWindow) => window.destroy())
    expect(await log(started)).toEqual(
      expect.arrayContaining(['second:show', 'main:blur', 'second:hide', 'second:closed']),
    )
    expect(await started.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  })

  test('close can be refused, and a partition is a session of its own', async ({ launch }) => {
    const started = await launch({ appDir })
    await started.windowFor('Fixture main')
    const kept = await started.app.evaluate(({ BrowserWindow }) => {
      const window = BrowserWindow.getAllWindows()[0]
      window?.once('close', (event) => event.preventDefault())
      window?.close()
      return window?.isDestroyed()
    })
    expect(kept).toBe(false)
    const text = await started.app.evaluate(async ({ BrowserWindow, session }) => {
      const own = session.fromPartition('other')
      own.protocol.handle(
        'app',
        () => new Response('<title>Other</title>own', { headers: { 'content-type': 'text/html' } }),
      )
      const window = new BrowserWindow({ show: false, webPreferences: { partition: 'other' } })
      await window.loadURL('app://ui/')
      return (await window.webContents.executeJavaScript('document.body.textContent')) as string
    })
    expect(text).toBe('own')
  })

  test('a window that the person closes comes back when the app kept it, and is gone when not', async ({
    launch,
    mode,
  }) => {
    test.skip(mode === 'real', 'a real window refuses to close before it is gone')
    const started = await launch({ appDir })
    const closeAsPerson = async (page: Page): Promise<void> => {
      const session = await started.app.context().newCDPSession(page)
      await Promise.all([page.waitForEvent('close'), session.send('Page.close')])
    }
    const page = await started.windowFor('Fixture main')
    await started.app.evaluate(({ BrowserWindow }) => {
      const window = BrowserWindow.getAllWindows()[0]
      window?.once('close', (event) => {
        event.preventDefault()
        window.hide()
      })
    })
    await closeAsPerson(page)
    await expect.poll(() => log(started)).toContain('main:hide')
    await started.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.show())
    const again = await started.windowFor('Fixture main')
    await expect(again.getByTestId('name')).toHaveText('main')
    expect(await again.evaluate(() => window.api.echo('alive'))).toBe('alive')
    await closeAsPerson(again)
    await expect.poll(() => log(started)).toContain('main:closed')
    expect(await log(started)).toContain('window-all-closed')
  })

  test('nativeTheme decides prefers-color-scheme', async ({ launch }) => {
    const started = await launch({ appDir })
    const page = await started.windowFor('Fixture main')
    const dark = (): Promise<boolean> =>
      page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)
    for (const source of ['dark', 'light', 'dark'] as const) {
      await started.app.evaluate(({ nativeTheme }, value) => void (nativeTheme.themeSource = value), source)
      await expect.poll(dark).toBe(source === 'dark')
    }
    expect(await started.app.evaluate(({ nativeTheme }) => nativeTheme.shouldUseDarkColors)).toBe(true)
    await started.app.evaluate(() => void globalThis.fixture.createWindow('late'))
    const late = await started.windowFor('Fixture late')
    expect(await late.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)).toBe(true)
  })

  test('a dialog answers what the test says, and is cancelled otherwise', async ({ launch, mode }) => {
    const started = await launch({ appDir })
    const page = await started.windowFor('Fixture main')
    if (mode === 'standin') {
      await page.getByRole('button', { name: 'Pick' }).click()
      await expect(page.getByTestId('picked')).toHaveText('(cancelled)')
    }
    await started.app.evaluate(({ dialog }) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: ['/data/photos'] })
    })
    await page.getByRole('button', { name: 'Pick' }).click()
    await expect(page.getByTestId('picked')).toHaveText('/data/photos')
  })

  test('menus, tray, notifications and power events are steered from the test', async ({ launch, mode }) => {
    test.skip(
      mode === 'real',
      'trays and notifications are the desktop’s: REAL.md, row "native menus and trays"',
    )
    const started = await launch({ appDir })
    await started.windowFor('Fixture main')
    await started.app.evaluate(({ Menu, powerMonitor }) => {
      powerMonitor.once('suspend', () => globalThis.fixture.log.push('suspend'))
      powerMonitor.emit('suspend')
      globalThis.__standin.trays[0]?.menu?.getMenuItemById('pause')?.click()
      Menu.getApplicationMenu()?.getMenuItemById('notify')?.click()
      globalThis.__standin.notifications[0]?.emit('click', {})
    })
    expect(await log(started)).toEqual(
      expect.arrayContaining(['suspend', 'pause true', 'notification click']),
    )
  })

  test('clipboard, safeStorage and login item keep what they are given', async ({ launch, mode }) => {
    test.skip(mode === 'real', 'would change the machine’s own clipboard and autostart')
    const started = await launch({ appDir })
    const kept = await started.app.evaluate(async ({ app, clipboard, safeStorage }) => {
      await clipboard.writeText('copied')
      app.setLoginItemSettings({ openAtLogin: true })
      const sealed = await safeStorage.encryptStringAsync('secret')
      const { result } = await safeStorage.decryptStringAsync(sealed)
      return [
        await clipboard.readText(),
        app.getLoginItemSettings().openAtLogin,
        sealed.includes('secret'),
        result,
      ]
    })
    expect(kept).toEqual(['copied', true, false, 'secret'])
  })

  test('an API that is missing throws and names itself', async ({ launch, mode }) => {
    test.skip(mode === 'real', 'real Electron has them all')
    const started = await launch({ appDir })
    const messages = await started.app.evaluate((electron) => {
      const attempt = (use: () => unknown): string => {
        try {
          use()
          return 'accepted'
        } catch (error) {
          return (error as Error).message
        }
      }
      const window = electron.BrowserWindow.getAllWindows()[0]
      return [
        attempt(() => electron.app.showEmojiPanel()),
        attempt(() => window?.webContents.print()),
        attempt(() => window?.setVibrancy('menu')),
        attempt(() => electron.autoUpdater.checkForUpdates()),
        attempt(() => new electron.MessageChannelMain()),
        attempt(() => new electron.BrowserWindow({ webPreferences: { nodeIntegration: true } })),
      ].map(
        (message) =>
          message.replace(/^electron stand-in: /, '') + (message.startsWith('electron stand-in') ? '!' : ''),
      )
    })
    expect(messages.map((message) => message.replace(' is not implemented!', ''))).toEqual([
      'app.showEmojiPanel',
      'webContents.print',
      'BrowserWindow.setVibrancy',
      'autoUpdater.checkForUpdates',
      'MessageChannelMain',
      'BrowserWindow without contextIsolation and sandbox, or with node integration',
    ])
  })
})
