// What the stand-in promises, shown on a small app of its own (test/standin/fixture-app).
import { expect, expectNoAxeViolations, test } from './fixture.ts'
import { appDir, log } from './standin-app.ts'

test.describe('pages and ipc', () => {
  test('values cross ipc as structured clones, in both directions', async ({ launch }) => {
    const started = await launch({ appDir })
    const page = await started.windowFor('Fixture main')
    const back = await page.evaluate(async () => {
      const value = {
        date: new Date(5),
        map: new Map([['a', { b: 1n }]]),
        set: new Set([1, 2]),
        bytes: new Uint8Array([1, 2, 255]),
        missing: undefined,
        nan: NaN,
        minusZero: -0,
        error: new RangeError('far'),
        nested: [{ x: null }],
        text: 'ü😀\u2028',
      }
      const copy = (await window.api.echo(value)) as typeof value
      return {
        date: copy.date instanceof Date && copy.date.getTime(),
        big: String(copy.map.get('a')?.b),
        set: [...copy.set],
        bytes: copy.bytes instanceof Uint8Array && [...copy.bytes],
        missing: 'missing' in copy && copy.missing === undefined,
        nan: Number.isNaN(copy.nan),
        minusZero: Object.is(copy.minusZero, -0),
        error: copy.error.message,
        nested: copy.nested,
        text: copy.text === value.text,
      }
    })
    expect(back).toEqual({
      date: 5,
      big: '1',
      set: [1, 2],
      bytes: [1, 2, 255],
      missing: true,
      nan: true,
      minusZero: true,
      error: 'far',
      nested: [{ x: null }],
      text: true,
    })
    await started.app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.webContents.send('tick', {
        at: new Date(7),
        bytes: new Uint8Array([9]),
      })
    })
    await expect
      .poll(() => page.evaluate(() => window.ticks))
      .toEqual([{ at: new Date(7), bytes: expect.anything() }])
  })

  test('functions, symbols and proxies are refused', async ({ launch }) => {
    const page = await (await launch({ appDir })).windowFor('Fixture main')
    const refused = await page.evaluate(async () => {
      const attempt = (value: unknown): Promise<string> =>
        Promise.resolve()
          .then(() => window.api.echo(value))
          .then(
            () => 'accepted',
            (error: Error) => error.message,
          )
      return [
        await attempt({ f: () => 1 }),
        await attempt(Symbol('x')),
        await attempt(new Proxy({ a: 1 }, {})),
        await attempt([new Proxy({ a: 1 }, {})]),
      ]
    })
    expect(refused).toEqual(Array<string>(4).fill('An object could not be cloned.'))
  })

  test('a handler that throws rejects with its message; a missing one says so', async ({
    launch,
    expectProblem,
  }) => {
    expectProblem(/Error occurred in handler for 'fail'/)
    expectProblem(/Error occurred in handler for 'echo'/)
    const started = await launch({ appDir })
    const page = await started.windowFor('Fixture main')
    const message = (call: 'fail' | 'echo'): Promise<string> =>
      page.evaluate((name) => window.api[name](1).then(String, (error: Error) => error.message), call)
    expect(await message('fail')).toBe("Error invoking remote method 'fail': TypeError: boom from main")
    await started.app.evaluate(({ ipcMain }) => ipcMain.removeHandler('echo'))
    expect(await message('echo')).toBe(
      "Error invoking remote method 'echo': Error: No handler registered for 'echo'",
    )
  })

  test('main knows who called: the window, its top frame, its app: address', async ({ launch }) => {
    const page = await (await launch({ appDir })).windowFor('Fixture main')
    expect(await page.evaluate(() => window.api.sender())).toEqual({
      known: true,
      top: true,
      url: 'app://ui/index.html?name=main',
      origin: 'app://ui',
    })
  })

  test('the page has neither Node nor ipc, its api is frozen, and eval is refused', async ({
    launch,
    expectProblem,
  }) => {
    expectProblem(/unsafe-eval|Trusted|trusted|\[csp\]/)
    const page = await (await launch({ appDir })).windowFor('Fixture main')
    const seen = await page.evaluate(() => ({
      names: [
        'require',
        'process',
        'module',
        'Buffer',
        'ipcRenderer',
        '__standinIpc',
        '__standinReceive',
      ].filter((name) => name in globalThis),
      frozen: Object.isFrozen(window.api) && Object.isFrozen(window.api.nested.list),
      nested: window.api.nested,
      same: window.api.same({ a: [1] }),
    }))
    expect(seen).toEqual({
      names: [],
      frozen: true,
      nested: { version: 7, list: ['a', { b: 1 }] },
      same: { a: [1] },
    })
    // Chromium's debugger may evaluate what the page may not, so eval runs after its call has ended.
    const evaluated = page.evaluate(
      () =>
        new Promise((resolve) => {
          setTimeout(() => {
            try {
              resolve((0, eval)('1 + 1'))
            } catch (error) {
              resolve((error as Error).name)
            }
          })
        }),
    )
    expect(await evaluated).toBe('EvalError')
  })

  test('requests reach the app with method and body, and a page has the size it was given', async ({
    launch,
  }) => {
    const page = await (await launch({ appDir })).windowFor('Fixture main')
    const answer = await page.evaluate(() =>
      fetch('/post', { method: 'POST', body: 'äöü' }).then((response) => response.json() as Promise<unknown>),
    )
    expect(answer).toEqual({ method: 'POST', body: 'äöü' })
    expect(await page.evaluate(() => [innerWidth, innerHeight])).toEqual([640, 480])
    await expectNoAxeViolations(page)
  })
})

test.describe('what a page may not do', () => {
  test('navigation goes through will-navigate and is refused', async ({ launch }) => {
    const started = await launch({ appDir })
    const page = await started.windowFor('Fixture main')
    await page.getByRole('link', { name: 'Away' }).click()
    await expect.poll(() => log(started)).toContain('will-navigate https://example.invalid/away')
    await expect(page.getByTestId('heading')).toBeVisible()
    await page.evaluate(() => void (location.href = 'app://ui/other'))
    await page.evaluate(() => void (location.href = '/index.html?name=again'))
    await expect.poll(() => log(started)).toContain('will-navigate app://ui/index.html?name=again')
    await expect(page.getByTestId('name')).toHaveText('main')
  })

  test('new windows are the app’s decision, for window.open and for links', async ({ launch, mode }) => {
    test.skip(mode === 'real', 'reads what shell.openExternal was given: REAL.md, row "shell"')
    const started = await launch({ appDir })
    const page = await started.windowFor('Fixture main')
    expect(await page.evaluate(() => window.open('https://example.invalid/popup'))).toBeNull()
    await page.getByRole('link', { name: 'Docs' }).click()
    await page.getByRole('link', { name: 'Away' }).click({ modifiers: ['Control'] })
    await expect
      .poll(() => started.app.evaluate(() => globalThis.__standin.opened))
      .toEqual([
        'https://example.invalid/popup',
        'https://example.invalid/docs',
        'https://example.invalid/away',
      ])
    expect(started.app.windows()).toHaveLength(1)
  })

  test('the network is out of reach: by policy, by onBeforeRequest, and by the stand-in', async ({
    launch,
    expectProblem,
    mode,
  }) => {
    expectProblem(/Content Security Policy|\[csp\]|ERR_BLOCKED_BY_CLIENT|Failed to load/)
    const started = await launch({ appDir })
    const page = await started.windowFor('Fixture main')
    const failed = await page.evaluate(() =>
      fetch('https://example.invalid/x').then(String, (error: Error) => error.name),
    )
    expect(failed).toBe('TypeError')
    test.skip(mode === 'real', 'the rest reads the record of refused requests')
    await started.app.evaluate(({ session }) => {
      const { webRequest } = session.defaultSession
      webRequest.onBeforeRequest({ urls: ['app://ui/post'] }, (_details, callback) =>
        callback({ cancel: true }),
      )
    })
    const cancelled = await page.evaluate(() => fetch('/post').then(String, (error: Error) => error.name))
    expect(cancelled).toBe('TypeError')
    const blocked = await started.app.evaluate(() => globalThis.__standin.blocked)
    expect(blocked).toContainEqual({ url: 'app://ui/post', reason: 'web-request' })
  })

  test('a crashed renderer is told to the app, whose reload brings the page back', async ({ launch }) => {
    const started = await launch({ appDir })
    await started.windowFor('Fixture main')
    await started.app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer()
    })
    await expect.poll(() => log(started)).toContain('gone crashed')
    const title = (): Promise<unknown> =>
      started.app.evaluate(async ({ BrowserWindow }) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents
        return contents?.isCrashed()
          ? 'crashed'
          : (contents?.executeJavaScript('document.title') as Promise<string>)
      })
    await expect.poll(title).toBe('Fixture main')
  })
})
