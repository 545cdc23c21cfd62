import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startOpenSsh, type OpenSshServer } from '../../servers/openssh.ts'
import { until } from '../../servers/processes.ts'
import { createJobHome, Runs } from './job-home.ts'
import type { JobHome } from './job-home.ts'

const hour = 3_600_000
let server: OpenSshServer

beforeAll(async () => {
  server = await startOpenSsh()
})

afterAll(() => server.stop())

/** Makes jobs of these names and makes them due. */
async function dueJobs({ addJob, store }: JobHome, names: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  for (const name of names) ids.push(await addJob(name))
  for (const id of ids) store.setAnchor(id, Date.now() - 4 * hour)
  return ids
}

describe('job run --due', { timeout: 120_000 }, () => {
  it('looks at each job again before it runs it: what others changed meanwhile counts', async () => {
    const home = await createJobHome(server, { secret: 'right' })
    const { done, fernsync, leases, store } = home
    const names = ['a first', 'b disabled', 'c removed', 'd moved', 'e manual', 'f run']
    const [first = '', disabled = '', , moved = '', , ran = ''] = await dueJobs(home, names)

    // The first job stands still at its server while the list of the others gets old.
    server.signal('SIGSTOP')
    const due = fernsync('job', 'run', '--due')
    await until('the first run', () => leases().includes(`job:${first}`), 60_000)
    await done('job', 'disable', 'b disabled')
    await done('job', 'remove', 'c removed')
    await done('job', 'edit', 'd moved', '--remote', 'elsewhere')
    await done('job', 'edit', 'e manual', '--schedule', 'manual')
    // Turned off it is not run, however long ago it was due.
    store.setAnchor(disabled, Date.now() - 4 * hour)
    // As after a run of the app.
    store.setAnchor(ran, Date.now())
    server.signal('SIGCONT')

    const { exit, out, err } = await due
    expect(err).toBe('')
    expect(exit).toBe(0)
    const { runs } = Runs.parse(JSON.parse(out))
    expect(runs.map(({ job, state }) => [job, state])).toEqual([
      [first, 'done'],
      [moved, 'done'],
    ])
    expect(readdirSync(server.root).sort()).toEqual(['a first', 'elsewhere'])
  })

  it('lets a job that waited for unlock wait no more', async () => {
    const home = await createJobHome(server, { secret: 'right' })
    const { fernsync, store } = home
    const [id = ''] = await dueJobs(home, ['waits'])
    store.setWaiting(id, Date.now() - hour)
    const state = async (): Promise<unknown> => JSON.parse((await fernsync('job', 'show', 'waits')).out)
    expect(await state()).toMatchObject({ job: { state: 'waiting', reason: 'locked' } })
    expect((await fernsync('job', 'run', '--due')).exit).toBe(0)
    expect(await state()).toMatchObject({ job: { state: 'idle', reason: null } })
  })
})
