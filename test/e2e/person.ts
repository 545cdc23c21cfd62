// What a person does in the app, step by step, through what is on the screen.
import { expect, type Page } from '@playwright/test'
import * as z from 'zod'
import type { Result } from '../../main/contract/result.ts'
import { RunProgress, RunSummary } from '../../main/model/run.ts'
import type { RunningApp } from './fixture.ts'

/** The window of the open vault, once it is there and has gone on from where it begins. */
export const mainWindow = (started: RunningApp): Promise<Page> =>
  windowAt(started, (route) => !['', '/', '/unlock'].includes(route))

/** The window in front of a locked or new vault, once it is there. */
export const unlockWindow = (started: RunningApp): Promise<Page> =>
  windowAt(started, (route) => route === '/unlock')

async function windowAt(started: RunningApp, fits: (route: string) => boolean): Promise<Page> {
  let found: Page | undefined
  await expect
    .poll(
      () => {
        found = started.app.windows().find((page) => !page.isClosed() && fits(routeOf(page)))
        return found !== undefined
      },
      { message: 'the window' },
    )
    .toBe(true)
  if (found === undefined) throw new Error('no such window')
  await found.waitForLoadState('load')
  return found
}

/** The route of the page's own router; empty as long as our page has not been loaded. */
export const routeOf = (page: Page): string => /#(\/[^?]*)/.exec(page.url())?.[1] ?? ''

export async function goTo(page: Page, route: string): Promise<void> {
  await page.evaluate((to) => {
    location.hash = `#${to}`
  }, route)
}

/** From the first screen of a new home to the window of the open vault. */
export async function createVault(
  started: RunningApp,
  password: string,
  atOffer: (page: Page) => Promise<void> = () => Promise.resolve(),
): Promise<Page> {
  const page = await unlockWindow(started)
  await page.getByLabel('Choose a master password').fill(password)
  await page.getByLabel('Type it again').fill(password)
  await page.getByLabel('I understand').check()
  await page.getByRole('button', { name: 'Create vault' }).click()
  await expect(page.getByRole('heading', { name: 'Make a recovery key' })).toBeVisible()
  await atOffer(page)
  await page.getByRole('button', { name: 'Not now' }).click()
  return mainWindow(started)
}

export async function unlock(started: RunningApp, password: string): Promise<Page> {
  const page = await unlockWindow(started)
  await page.getByLabel('Master password').fill(password)
  await page.getByRole('button', { name: 'Unlock' }).click()
  return mainWindow(started)
}

/** By keyboard; resolves when the window that showed the vault is gone. */
export async function lock(started: RunningApp, page: Page): Promise<Page> {
  const gone = page.waitForEvent('close')
  // The window may be gone before the key is up again.
  await page.keyboard.press('Control+l').catch(() => undefined)
  await gone
  return unlockWindow(started)
}

export type Address = { readonly host: string; readonly port: number; readonly user: string }

/** Types one line and goes on to identity and sign-in. */
export async function enterAddress(page: Page, { host, port, user }: Address): Promise<void> {
  await page.getByLabel('Server address').fill(`ssh ${user}@${host} -p ${port}`)
  await page.getByRole('button', { name: 'Continue' }).click()
}

/** Answers what the system's folder dialog is asked next, and from then on. */
export async function answerDialog(started: RunningApp, path: string): Promise<void> {
  await started.app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] })
  }, path)
}

/** Process ids of the app's own children of one kind. */
export async function childPids(started: RunningApp, kind: 'vault-process' | 'worker'): Promise<number[]> {
  const metrics = await started.app.evaluate(({ app }) =>
    app.getAppMetrics().map(({ pid, name }) => ({ pid, name })),
  )
  return metrics.filter(({ name }) => name === `fernsync-${kind}`).map(({ pid }) => pid)
}

/** The app's own `window.api`; the stand-in's small app has another, so the global has no type of its own here. */
export type PageGlobals = {
  readonly api: {
    readonly call: Readonly<Record<string, (input: unknown) => Promise<Result<unknown>>>>
    on(name: string, listener: (value: unknown) => void): () => void
  }
}

/** What a call made by the page answers. */
export const callFrom = (page: Page, name: string, input?: unknown): Promise<Result<unknown>> =>
  page.evaluate(
    async ([call, value]) => {
      const { api } = globalThis as unknown as PageGlobals // reason: see PageGlobals
      const answer = await api.call[call]?.(value)
      if (answer === undefined) throw new Error(`no call ${call}`)
      return answer
    },
    [name, input] as const,
  )

/** The error code a call made by the page answers; null when it is carried out. */
export async function codeOf(page: Page, name: string, input?: unknown): Promise<string | null> {
  const answer = await callFrom(page, name, input)
  return answer.ok ? null : answer.error.code
}

/** Sets main's clock forward and says nothing of it. */
export const jumpClock = (started: RunningApp, byMs: number): Promise<void> =>
  started.app.evaluate((_electron, ms) => {
    const before = Date.now.bind(Date)
    Date.now = () => before() + ms
  }, byMs)

/** Sets main's clock forward, as when the machine slept, and tells it of the resume. */
export async function advanceClock(started: RunningApp, byMs: number): Promise<void> {
  await jumpClock(started, byMs)
  await started.app.evaluate(({ powerMonitor }) => void powerMonitor.emit('resume'))
}

/** Runs as the page reads them, newest first; also while locked. */
export async function history(page: Page): Promise<RunSummary[]> {
  const answer = await callFrom(page, 'history.list', { jobId: null, limit: 100 })
  if (!answer.ok) throw new Error(answer.error.code)
  return z.object({ runs: z.array(RunSummary) }).parse(answer.value).runs
}

/** Begins to keep what the page is told about runs. */
export async function recordProgress(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { api } = globalThis as unknown as PageGlobals // reason: see PageGlobals
    const kept: unknown[] = []
    Object.assign(globalThis, { keptProgress: kept })
    api.on('run.progress', (value) => void kept.push(value))
  })
}

/** Waits until a run has told the page of `phase`; `recordProgress` came before. */
export async function waitForProgress(page: Page, phase: RunProgress['phase']): Promise<void> {
  await page.waitForFunction((wanted) => {
    const kept: unknown = Reflect.get(globalThis, 'keptProgress')
    return Array.isArray(kept) && kept.some((each: { phase: unknown }) => each.phase === wanted)
  }, phase)
}

export const recordedProgress = async (page: Page): Promise<RunProgress[]> =>
  z.array(RunProgress).parse(await page.evaluate((): unknown => Reflect.get(globalThis, 'keptProgress')))

/** What the tray says, where it can be read: only the stand-in shows its tray. */
export const trayOf = (
  started: RunningApp,
): Promise<{
  status: string
  toolTip: string
  items: { id: string | undefined; label: string; enabled: boolean }[]
}> =>
  started.app.evaluate(() => {
    const tray = globalThis.__standin.trays[0]
    const items = (tray?.menu?.items ?? []).map(({ id, label, enabled }) => ({ id, label, enabled }))
    return {
      status: items.find(({ id }) => id === 'status')?.label ?? '',
      toolTip: tray?.toolTip ?? '',
      items,
    }
  })

/** Clicks an entry of the tray's menu. */
export const clickTray = (started: RunningApp, id: string): Promise<void> =>
  started.app.evaluate((_electron, entry) => {
    globalThis.__standin.trays[0]?.menu?.getMenuItemById(entry)?.click()
  }, id)

/** Notifications shown so far, oldest first. */
export const notificationsOf = (started: RunningApp): Promise<{ title: string; body: string }[]> =>
  started.app.evaluate(() => globalThis.__standin.notifications.map(({ title, body }) => ({ title, body })))
