// One fixture for two runtimes: real Electron when its binary is installed, else the stand-in (test/standin). Both are
// driven by Playwright's _electron, and in both a test fails for a CSP or Trusted Types violation, a page error, a console
// error, or an uncaught exception of main that it did not declare with expectProblem().
import { AxeBuilder } from '@axe-core/playwright'
import { _electron, expect, test as base, type ElectronApplication, type Page } from '@playwright/test'
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

export { expect }

export type Mode = 'real' | 'standin'

const root = path.resolve(import.meta.dirname, '../..')
const standin = path.join(root, 'test/standin/electron')

interface Runtime {
  mode: Mode
  binary: string
}

/** Never `require('electron')` to find out: without a binary it starts a download. */
function findRuntime(): Runtime {
  const folder = path.join(root, 'node_modules/electron')
  const pointer = path.join(folder, 'path.txt')
  const real = existsSync(pointer) ? path.join(folder, 'dist', readFileSync(pointer, 'utf8').trim()) : ''
  const wanted = process.env['E2E_ELECTRON']
  if (wanted !== 'standin' && real !== '' && existsSync(real)) return { mode: 'real', binary: real }
  if (wanted === 'real') {
    throw new Error('E2E_ELECTRON=real, but Electron has no binary here: run `npx install-electron`')
  }
  return { mode: 'standin', binary: standin }
}

const runtime = findRuntime()

/** The folders of one test: nothing of the machine's user is read or written. */
export interface Home {
  /** Holds all the others; removed after the test. */
  readonly root: string
  /** FERNSYNC_HOME. */
  readonly data: string
  /** HOME. */
  readonly user: string
  /** TMPDIR. */
  readonly temp: string
}

export interface LaunchOptions {
  /** The app's folder; the project itself unless given. */
  appDir?: string
  home?: Home
  /** Added to the small environment that every launch gets. */
  env?: Record<string, string>
  /** After the app's folder. */
  args?: string[]
}

export interface RunningApp {
  readonly app: ElectronApplication
  readonly pid: number
  stdout(): string
  stderr(): string
  /** The window whose title is or contains `name`, or that shows an element of that test id; waits up to 15 s. */
  windowFor(name: string | RegExp): Promise<Page>
  /** Quits it and resolves with its exit code; null when it had to be killed. */
  close(): Promise<number | null>
}

export interface Problem {
  kind: 'console' | 'page' | 'main'
  text: string
}

export interface Problems {
  readonly list: readonly Problem[]
  add(kind: Problem['kind'], text: string): void
  /** Declares a message that this test provokes: it must occur, and does not fail the test. */
  expect(pattern: RegExp): void
  /** Why the test must fail; null when nothing is wrong. */
  verdict(): string | null
}

export function createProblems(): Problems {
  const list: Problem[] = []
  const expected: RegExp[] = []
  return {
    list,
    add: (kind, text) => {
      if (!list.some((problem) => problem.kind === kind && problem.text === text)) list.push({ kind, text })
    },
    expect: (pattern) => void expected.push(pattern),
    verdict: () => {
      const left = list.filter(({ text }) => !expected.some((pattern) => pattern.test(text)))
      const missing = expected.filter((pattern) => !list.some(({ text }) => pattern.test(text)))
      const lines = [
        ...left.map(({ kind, text }) => `undeclared problem (${kind}): ${text}`),
        ...missing.map((pattern) => `declared with expectProblem() but did not occur: ${pattern}`),
      ]
      return lines.length > 0 ? lines.join('\n') : null
    },
  }
}

/** What main's stderr says when something of ours went wrong, in either runtime. */
const MAIN_PROBLEM =
  /Uncaught Exception|UnhandledPromiseRejection|JavaScript error occurred|App threw an error|Error occurred in handler|Unable to load preload|\[standin\]|electron stand-in:/

function environment(home: Home, extra: Record<string, string>): Record<string, string> {
  const kept = [
    'PATH',
    'LANG',
    'DISPLAY',
    'XAUTHORITY',
    'STANDIN_NODE',
    'STANDIN_CHROMIUM',
    'STANDIN_DEBUG',
    'STANDIN_HEADED',
  ]
  const inherited = kept.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    ...Object.fromEntries(inherited),
    ...(process.env['STANDIN_HEADED'] ? {} : { STANDIN_HEADLESS: '1' }),
    TZ: 'UTC',
    HOME: home.user,
    TMPDIR: home.temp,
    FERNSYNC_HOME: home.data,
    ...extra,
  }
}

export function createHome(): Home {
  // Short, since sockets below it have room for about a hundred characters.
  const folder = mkdtempSync(path.join(os.tmpdir(), 'fs-e2e-'))
  const home = {
    root: folder,
    data: path.join(folder, 'home'),
    user: path.join(folder, 'user'),
    temp: path.join(folder, 'tmp'),
  }
  for (const name of [home.user, home.temp]) mkdirSync(name, { mode: 0o700 })
  return home
}

/** Starts the app without Playwright, for what happens before it could attach: second instances, signals, exit codes. */
export function spawnApp(home: Home, options: LaunchOptions = {}): ChildProcess {
  const sandbox = process.getuid?.() === 0 && runtime.mode === 'real' ? ['--no-sandbox'] : []
  return spawn(runtime.binary, [...sandbox, options.appDir ?? root, ...(options.args ?? [])], {
    cwd: root,
    env: environment(home, options.env ?? {}),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function watchPages(app: ElectronApplication, problems: Problems): void {
  const context = app.context()
  context.on('console', (message) => {
    if (message.type() === 'error') problems.add('console', message.text())
  })
  context.on('weberror', (error) => problems.add('page', String(error.error())))
}

/** Windows may have loaded before Playwright's listeners stood: what it kept for them is read once more. */
async function sweepPages(app: ElectronApplication, problems: Problems): Promise<void> {
  for (const page of app.windows()) {
    const messages = await page.consoleMessages({ filter: 'all' }).catch(() => [])
    const errors = await page.pageErrors({ filter: 'all' }).catch(() => [])
    for (const message of messages) if (message.type() === 'error') problems.add('console', message.text())
    for (const error of errors) problems.add('page', String(error))
  }
}

function reportViolations(): void {
  document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`[csp] ${event.violatedDirective} blocked ${event.blockedURI} ${event.sample}`)
  })
}

async function findWindow(app: ElectronApplication, name: string | RegExp): Promise<Page> {
  const matches = (title: string): boolean =>
    typeof name === 'string' ? title.includes(name) : name.test(title)
  const isIt = async (page: Page): Promise<boolean> => {
    if (matches(await page.title())) return true
    return typeof name === 'string' && (await page.getByTestId(name).count()) > 0
  }
  let found: Page | undefined
  await expect
    .poll(
      async () => {
        for (const page of app.windows()) {
          // A page that navigates or closes while it is asked is asked again.
          if (!page.isClosed() && (await isIt(page).catch(() => false))) found ??= page
        }
        return found !== undefined
      },
      { message: `a window for ${name}`, timeout: 15_000 },
    )
    .toBe(true)
  if (!found) throw new Error(`no window for ${name}`)
  await found.waitForLoadState('load')
  return found
}

function collect(child: ChildProcess, problems: Problems): { stdout: () => string; stderr: () => string } {
  const text = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk))
  let line = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk
    const lines = (line + chunk).split('\n')
    line = lines.pop() ?? ''
    for (const complete of lines) if (MAIN_PROBLEM.test(complete)) problems.add('main', complete)
  })
  return { stdout: () => text.stdout, stderr: () => text.stderr }
}

/** Exceptions from before Playwright attached: only the stand-in remembers them. */
async function sweepMain(app: ElectronApplication, problems: Problems): Promise<void> {
  const uncaught = await app
    .evaluate(() => (globalThis as { __standin?: { uncaught: string[] } }).__standin?.uncaught ?? []) // reason: the stand-in's seam, absent in real Electron
    .catch(() => []) // it is quitting by itself
  for (const text of uncaught) problems.add('main', text)
}

async function closeApp(
  app: ElectronApplication,
  child: ChildProcess,
  problems: Problems,
): Promise<number | null> {
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  if (!hasEnded()) {
    await sweepPages(app, problems)
    await sweepMain(app, problems)
  }
  if (hasEnded()) return child.exitCode
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const late = setTimeout(() => {
    problems.add('main', 'the app did not quit within 15 s')
    child.kill('SIGKILL')
  }, 15_000)
  await app.close().catch(() => undefined) // it may be quitting by itself at this moment
  const code = await exited
  clearTimeout(late)
  return code
}

async function launchApp(home: Home, options: LaunchOptions, problems: Problems): Promise<RunningApp> {
  const app = await _electron.launch({
    ...(runtime.mode === 'real' ? {} : { executablePath: runtime.binary }),
    args: [options.appDir ?? root, ...(options.args ?? [])],
    cwd: root,
    env: environment(home, options.env ?? {}),
    chromiumSandbox: process.getuid?.() !== 0,
    colorScheme: null, // nativeTheme decides; Playwright would pin every page to light
  })
  const child = app.process() // asked for now: Playwright forgets it when the app ends
  const output = collect(child, problems)
  watchPages(app, problems)
  await app.context().addInitScript(reportViolations)
  await app.evaluate(() => {
    process.on('uncaughtExceptionMonitor', (error) => console.error('Uncaught Exception:', error.message))
  })
  const pid = child.pid
  if (pid === undefined) throw new Error('the app has no process id')
  let closing: Promise<number | null> | undefined
  return {
    app,
    pid,
    ...output,
    windowFor: (name) => findWindow(app, name),
    close: () => (closing ??= closeApp(app, child, problems)),
  }
}

interface Fixtures {
  mode: Mode
  home: Home
  problems: Problems
  /** Starts the app, as often as wanted; every app still running after the test is closed. */
  launch: (options?: LaunchOptions) => Promise<RunningApp>
  expectProblem: (pattern: RegExp) => void
}

export const test = base.extend<Fixtures>({
  // Playwright reads a fixture's needs from a destructured first parameter, also when it needs none.
  // eslint-disable-next-line no-empty-pattern -- Playwright's rule above
  mode: async ({}, use) => use(runtime.mode),
  // eslint-disable-next-line no-empty-pattern -- Playwright's rule above
  home: async ({}, use) => {
    const home = createHome()
    await use(home)
    rmSync(home.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  },
  // eslint-disable-next-line no-empty-pattern -- Playwright's rule above
  problems: async ({}, use) => use(createProblems()),
  expectProblem: async ({ problems }, use) => use((pattern) => problems.expect(pattern)),
  launch: async ({ home, problems }, use, info) => {
    const running: RunningApp[] = []
    await use(async (options = {}) => {
      const started = await launchApp(options.home ?? home, options, problems)
      running.push(started)
      return started
    })
    for (const started of running) {
      await started.close()
      if (info.status !== info.expectedStatus) {
        await info.attach('main-stderr', { body: started.stderr(), contentType: 'text/plain' })
      }
    }
    const verdict = problems.verdict()
    if (verdict !== null) throw new Error(verdict)
  },
})

/** axe's default rules find nothing on the page as it is now. Legacy mode: the other one opens a page of its own. */
export async function expectNoAxeViolations(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
  const lines = violations.map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.target.join(' ')).join(', ')})`,
  )
  expect(lines).toEqual([])
}
