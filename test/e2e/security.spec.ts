// Electron's security checklist, item by item, and what each process is started with. SECURITY.md points here.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { callNames } from '../../main/contract/call-names.ts'
import { startOpenSsh } from '../servers/openssh.ts'
import { makeTree } from '../helpers/tree.ts'
import { expect, test } from './fixture.ts'
import * as person from './person.ts'
import { addJob, addServer } from './setup.ts'

const password = 'nine lanterns over the quiet harbour'
const root = path.resolve(import.meta.dirname, '../..')

/** Written out on purpose: a change of the policy has to be made twice. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; " +
  "require-trusted-types-for 'script'; trusted-types vue 'allow-duplicates'"

test('2, 3, 4, 6, 8, 9, 10, 11, 12: pages run isolated and sandboxed, without Node, webviews or experiments', async ({
  launch,
  mode,
}) => {
  test.skip(mode === 'real', 'reads the options that the window was made with')
  const started = await launch()
  await person.createVault(started, password)
  await expect.poll(() => started.app.windows().length).toBe(1)
  const preferences = await started.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map((window) => {
      const { webPreferences } = Reflect.get(window, '_options') as Electron.BrowserWindowConstructorOptions // reason: the stand-in keeps them
      return webPreferences
    }),
  )
  expect(preferences).toEqual([
    {
      preload: path.join(root, 'out/desktop/preload.cjs'),
      partition: 'fernsync',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      spellcheck: false,
      devTools: false,
    },
  ])
  const isKept = await started.app.evaluate(({ session }) => session.fromPartition('fernsync').isPersistent())
  expect(isKept).toBe(false)
  expect(readFileSync(path.join(root, 'main/desktop/main.ts'), 'utf8')).toContain('app.enableSandbox()')
})

test('1, 18: nothing remote and no file is ever loaded, also when the policy is out of the way', async ({
  launch,
  mode,
  expectProblem,
}) => {
  test.skip(mode === 'real', 'reads the record of refused requests')
  expectProblem(/Failed to load resource|ERR_BLOCKED_BY_CLIENT|Not allowed to load/)
  const started = await launch()
  const page = await person.unlockWindow(started)
  const cdp = await started.app.context().newCDPSession(page)
  await cdp.send('Page.setBypassCSP', { enabled: true })
  await page.reload()
  const outcome = await page.evaluate(async () => {
    const attempt = (url: string) =>
      fetch(url).then(
        () => 'loaded',
        () => 'refused',
      )
    return [
      await attempt('https://example.invalid/x'),
      await attempt('http://127.0.0.1:9/'),
      await attempt('file:///etc/hostname'),
    ]
  })
  expect(outcome).toEqual(['refused', 'refused', 'refused'])
  const blocked = await started.app.evaluate(() => globalThis.__standin.blocked)
  expect(blocked).toContainEqual({ url: 'https://example.invalid/x', reason: 'web-request' })
  expect(blocked).toContainEqual({ url: 'http://127.0.0.1:9/', reason: 'web-request' })
})

test('5: every permission and device is denied', async ({ launch, mode }) => {
  const started = await launch()
  const page = await person.unlockWindow(started)
  const seen = await page.evaluate(async () => ({
    notification: Notification.permission,
    camera: await navigator.mediaDevices?.getUserMedia({ video: true }).then(
      () => 'granted',
      (error: Error) => error.name,
    ),
    place: await new Promise((resolve) => {
      navigator.geolocation.getCurrentPosition(
        () => resolve('granted'),
        ({ code }) => resolve(code),
      )
    }),
    clipboard: await navigator.clipboard?.readText().then(
      () => 'granted',
      (error: Error) => error.name,
    ),
  }))
  expect(seen).toEqual({
    notification: 'denied',
    camera: expect.stringMatching(/^Not(Allowed|Found)Error$/) as unknown,
    place: 1,
    clipboard: 'NotAllowedError',
  })
  test.skip(mode === 'real', 'the rest calls the handlers that the stand-in keeps')
  const answers = await started.app.evaluate(({ session }) =>
    [session.defaultSession, session.fromPartition('fernsync')].map((each) => {
      const handlers = Reflect.get(each, '_handlers') as Record<string, (...given: unknown[]) => unknown> // reason: the stand-in keeps them
      const said: unknown[] = []
      handlers['permissionRequest']?.(null, 'media', (granted: unknown) => said.push(granted), {})
      handlers['displayMedia']?.({}, (streams: unknown) => said.push(streams))
      said.push(handlers['permissionCheck']?.(null, 'media', '', {}), handlers['device']?.({}))
      return [...said, each.isSpellCheckerEnabled()]
    }),
  )
  expect(answers).toEqual(Array(2).fill([false, {}, false, false, false]))
})

test('7: the policy is sent with every answer, and what is not listed does not exist', async ({
  launch,
  expectProblem,
}) => {
  expectProblem(/404/)
  const started = await launch()
  const page = await person.unlockWindow(started)
  const document = await page.reload()
  expect(document?.headers()['content-security-policy']).toBe(policy)
  expect(document?.headers()['x-content-type-options']).toBe('nosniff')
  const manifest = Object.keys(
    JSON.parse(readFileSync(path.join(root, 'out/renderer-manifest.json'), 'utf8')) as object,
  )
  expect(manifest.length).toBeGreaterThan(2)
  for (const address of [
    '/nothing.png',
    '/../package.json',
    '/%2e%2e/desktop/main.js',
    '/index.html%00.png',
  ]) {
    const answered = page.waitForResponse((response) => !manifest.includes(new URL(response.url()).pathname))
    await page.evaluate((src) => void (new Image().src = src), address)
    const response = await answered
    expect([address, response.status()]).toEqual([address, 404])
    expect(response.headers()['content-security-policy']).toBe(policy)
  }
})

test('13, 14, 15: the page leads nowhere: no navigation, no window, nothing handed to the system', async ({
  launch,
  mode,
  expectProblem,
}) => {
  expectProblem(/Not allowed to (load local resource|navigate top frame)|javascript|JavaScript|\[csp\]/)
  const started = await launch()
  const page = await person.unlockWindow(started)
  const heading = page.getByRole('heading', { name: 'Create your vault' })
  await expect(heading).toBeVisible()
  const addresses = [
    'https://example.invalid/',
    'https://bundle.example.invalid/index.html',
    '/other.html',
    'file:///etc/passwd',
    'data:text/html,x',
    'javascript:document.title = "taken"',
  ]
  for (const address of addresses) {
    await page.evaluate((url) => {
      const link = document.createElement('a')
      link.href = url
      document.body.append(link)
      link.click()
      link.remove()
    }, address)
    // Whatever the click began has come back to the page by the time it answers two more tasks.
    await page.evaluate(() => new Promise((resolve) => setTimeout(() => setTimeout(resolve))))
    await expect(heading, address).toBeVisible()
  }
  expect(await page.title()).toBe('Fernsync')
  expect(await page.evaluate(() => window.open('https://example.invalid/'))).toBeNull()
  expect(await page.evaluate(() => window.open('/index.html'))).toBeNull()
  expect(started.app.windows()).toHaveLength(1)
  test.skip(mode === 'real', 'the rest reads what the system was asked')
  expect(await started.app.evaluate(() => globalThis.__standin.opened)).toEqual([])
})

test('17: a call is refused unless it comes from the top frame of our window with our page', async ({
  launch,
  mode,
}) => {
  test.skip(mode === 'real', 'calls the registered handlers with senders of its own')
  const started = await launch()
  await person.unlockWindow(started)
  const codes = await started.app.evaluate(async ({ ipcMain, BrowserWindow }) => {
    const handlerOf = Reflect.get(ipcMain, '_handler') as (
      name: string,
    ) => (event: unknown) => Promise<unknown> // reason: the stand-in's own
    const { id } = BrowserWindow.getAllWindows()[0]?.webContents ?? { id: -1 }
    const url = 'app://bundle/index.html'
    const events = [
      { sender: { id }, senderFrame: { parent: null, url } },
      { sender: { id }, senderFrame: { parent: { url }, url } },
      { sender: { id }, senderFrame: { parent: null, url: 'https://example.invalid/' } },
      { sender: { id }, senderFrame: { parent: null, url: 'app://bundle.example.invalid/index.html' } },
      { sender: { id }, senderFrame: null },
      { sender: { id: id + 1 }, senderFrame: { parent: null, url } },
    ]
    const answers = await Promise.all(events.map((event) => handlerOf('call:vault.status')(event)))
    return answers.map((answer) => {
      const { ok, error } = answer as { ok: boolean; error?: { code: string } } // reason: the Result envelope
      return ok ? 'ok' : error?.code
    })
  })
  expect(codes).toEqual(['ok', ...Array<string>(5).fill('forbidden')])
})

test('20: the page sees one frozen object with the listed calls, and nothing of Node or Electron', async ({
  launch,
}) => {
  const started = await launch()
  const page = await person.unlockWindow(started)
  const seen = await page.evaluate(() => {
    const { api } = globalThis as unknown as { api: { call: object } } // reason: the app's own; see person.ts
    const attempt = (change: () => unknown): string => {
      try {
        change()
        return 'accepted'
      } catch (error) {
        return (error as Error).name
      }
    }
    return {
      api: Object.keys(api),
      calls: Object.keys(api.call),
      frozen: [api, api.call].map((each) => Object.isFrozen(each)),
      found: ['require', 'process', 'module', 'Buffer', 'global', 'ipcRenderer', 'electron'].filter(
        (name) => name in globalThis,
      ),
      event: attempt(() =>
        (api as unknown as { on(name: string, listener: () => void): void }).on(
          'call:vault.status',
          () => undefined,
        ),
      ),
    }
  })
  expect(seen).toEqual({
    api: ['call', 'on'],
    calls: [...callNames],
    frozen: [true, true],
    found: [],
    event: expect.stringMatching(/Error$/) as unknown,
  })
})

test('processes get a small environment, no arguments and no descriptors of ours', async ({
  launch,
  home,
  mode,
}) => {
  test.skip(mode === 'real', 'Electron adds switches of its own: by hand, from /proc')
  const server = await startOpenSsh()
  const started = await launch({
    env: { SSH_AUTH_SOCK: '/tmp/agent', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x', SECRET: 'x' },
  })
  const page = await person.createVault(started, password)
  const local = path.join(home.user, 'files')
  makeTree(local, { 'a.txt': 'a' })
  const credential = await addServer(page, server, { name: 'Attic' })
  const id = await addJob(started, page, { name: 'Files', credential, local })
  server.signal('SIGSTOP')
  expect(await person.codeOf(page, 'jobs.run', { id, approve: null })).toBeNull()
  await expect.poll(() => person.childPids(started, 'worker')).toHaveLength(1)
  for (const kind of ['vault-process', 'worker'] as const) {
    const [pid = 0] = await person.childPids(started, kind)
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean)
    const names = environment.map((entry) => entry.split('=')[0]).sort()
    const allowed = ['FERNSYNC_HOME', 'HOME', 'LANG', 'PATH', 'TMPDIR', 'TZ']
    expect([kind, names.filter((name) => !allowed.includes(name ?? ''))]).toEqual([kind, []])
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean)
    expect(argv.at(-1)).toBe(path.join(root, `out/desktop/${kind}.js`))
  }
  server.signal('SIGCONT')
  await expect.poll(async () => (await person.history(page)).length, { timeout: 20_000 }).toBe(1)
  await server.stop()
})
