import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { monitorEventLoopDelay } from 'node:perf_hooks'
import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import * as z from 'zod'
import { RunSummary } from '../../../main/model/run.ts'
import { createFernsync, benchPassword, projectRoot } from '../fernsync.ts'
import { startOpenSsh } from '../../servers/openssh.ts'
import type { Line } from '../line.ts'
import type { Row } from '../report.ts'
import { makeTree } from '../trees.ts'

/** How often main's loop is asked whether it is free; a delay is measured from here, so every figure contains it. */
const resolutionMs = 5
const deadlineMs = 300_000
const windowDeadlineMs = 30_000

type Delays = { readonly p99: number; readonly max: number }

/** The stand-in has Electron's `process`, but its page of types is the app's: this is all that is called there. */
type MainGlobals = { benchDelays?: ReturnType<typeof monitorEventLoopDelay> }

async function startWatching(app: ElectronApplication): Promise<void> {
  await app.evaluate((_electronModule, resolution) => {
    const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks')
    const histogram = monitorEventLoopDelay({ resolution })
    histogram.enable()
    // Reason: the only way to keep something between two evaluations in main.
    const globals = globalThis as MainGlobals
    globals.benchDelays = histogram
  }, resolutionMs)
}

function stopWatching(app: ElectronApplication): Promise<Delays> {
  return app.evaluate(() => {
    // Reason: see startWatching.
    const histogram = (globalThis as MainGlobals).benchDelays
    if (histogram === undefined) throw new Error('nobody is watching')
    histogram.disable()
    return { p99: histogram.percentile(99) / 1e6, max: histogram.max / 1e6 }
  })
}

const Answer = z.union([
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: z.object({ code: z.string() }) }),
])

/** One call as the page makes it. `input` has no bytes in it but `password`, which crosses as such. */
async function call(
  page: Page,
  name: string,
  input: Readonly<Record<string, unknown>> | null,
): Promise<unknown> {
  const raw = await page.evaluate(
    async ({ name: callName, input: given }): Promise<unknown> => {
      // Reason: what the preload exposes; the names are checked by main.
      const { api } = window as unknown as {
        api: { call: Record<string, ((input: unknown) => Promise<unknown>) | undefined> }
      }
      const { password, ...rest } = given ?? {}
      const bytes = typeof password === 'string' ? { password: new TextEncoder().encode(password) } : {}
      return api.call[callName]?.(given === null ? undefined : { ...rest, ...bytes })
    },
    { name, input },
  )
  const answer = Answer.parse(raw)
  if (!answer.ok) throw new Error(`${name}: ${answer.error.code}`)
  return answer.value
}

/** The first window on which `attempt` succeeds; windows come, go and load on their own time. */
async function firstPage(app: ElectronApplication, attempt: (page: Page) => Promise<unknown>): Promise<Page> {
  let last: unknown = new Error('there is no window')
  for (const end = performance.now() + windowDeadlineMs; performance.now() < end;) {
    for (const page of app.windows()) {
      try {
        await attempt(page)
        return page
      } catch (error) {
        last = error
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw last
}

const Jobs = z.array(z.object({ id: z.string(), name: z.string() }))
const History = z.object({ runs: z.array(RunSummary) })

async function runToItsEnd(page: Page, job: string): Promise<RunSummary> {
  const { run } = z
    .object({ run: z.string() })
    .parse(await call(page, 'jobs.run', { id: job, approve: null }))
  for (const end = performance.now() + deadlineMs; performance.now() < end;) {
    const { runs } = History.parse(await call(page, 'history.list', { jobId: job, limit: 1 }))
    const ended = runs.find((one) => one.run === run)
    if (ended !== undefined) return ended
    await page.waitForTimeout(200)
  }
  throw new Error('the run did not end')
}

function row(work: string, { p99, max }: Delays): Row {
  return {
    line: 'loop',
    work,
    against: null,
    target: { sense: 'at-most', limit: 50 },
    value: p99,
    unit: 'ms',
    detail: `p99, longest ${max.toFixed(1)} ms; each with ${resolutionMs} ms of waiting in it`,
  }
}

function launch(folder: string, home: string): Promise<ElectronApplication> {
  const user = join(folder, 'user')
  const temp = join(folder, 'temp')
  for (const path of [user, temp]) mkdirSync(path, { mode: 0o700 })
  return _electron.launch({
    executablePath: join(projectRoot, 'test/standin/electron'),
    args: [projectRoot],
    cwd: projectRoot,
    env: {
      PATH: process.env['PATH'] ?? '',
      STANDIN_HEADLESS: '1',
      TZ: 'UTC',
      HOME: user,
      TMPDIR: temp,
      FERNSYNC_HOME: home,
    },
  })
}

/**
 * The real main of the desktop, driven through its own page, with a clock of Node's own watching its loop. The stand-in's share
 * of the work (it speaks to Chromium in the same process) is in the figures, so real Electron can only be better.
 */
export const eventLoopLine: Line = {
  name: 'loop',
  async measure({ scale, place, note }) {
    if (!existsSync('/usr/lib/chromium/chromium')) throw new Error('chromium is missing')
    note("main's event loop during an unlock and a run")
    const folder = join(place.memory ?? place.disk, 'loop')
    mkdirSync(folder, { mode: 0o755 })
    // Short, since Chromium's sockets below it have room for about a hundred characters.
    const desktop = mkdtempSync(join(tmpdir(), 'fs-bench-'))
    const server = await startOpenSsh({ baseFolder: folder })
    try {
      const fernsync = await createFernsync(join(folder, 'ours'), server)
      const source = join(folder, 'source')
      makeTree(source, { count: scale.smallFiles, bytes: 4096 })
      await fernsync.addJob({ name: 'bench', local: source, remote: 'there', direction: 'push' })
      const app = await launch(desktop, fernsync.home)
      try {
        const unlockWindow = await firstPage(app, (page) => call(page, 'vault.status', null))
        await startWatching(app)
        await call(unlockWindow, 'vault.unlock', { password: benchPassword, allowSlowKdf: true })
        const duringUnlock = await stopWatching(app)
        // Unlocking ends the window in which the password was typed and opens another.
        const page = await firstPage(app, (candidate) => call(candidate, 'jobs.list', null))
        const [job] = Jobs.parse(await call(page, 'jobs.list', null))
        if (job === undefined) throw new Error('the job is not there')
        await startWatching(app)
        const summary = await runToItsEnd(page, job.id)
        const duringRun = await stopWatching(app)
        if (summary.state !== 'done') throw new Error(`the run: ${summary.state} (${summary.reason})`)
        return [
          row("main's event loop during an unlock", duringUnlock),
          row(`main's event loop during a run of ${scale.smallFiles} files`, duringRun),
        ]
      } finally {
        await app.close()
      }
    } finally {
      await server.stop()
      for (const path of [folder, desktop]) rmSync(path, { recursive: true, force: true })
    }
  },
}
