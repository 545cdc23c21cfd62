import { describe, expect, it, onTestFinished } from 'vitest'
import { RunSummary } from '../../../main/model/run.ts'
import { startOpenSsh } from '../../servers/openssh.ts'
import { until } from '../../servers/processes.ts'
import { createJobHome } from './job-home.ts'

describe('job run in several processes at once', { timeout: 120_000 }, () => {
  it('asks the server once with a password that it refuses, and ends each of them with 4', async () => {
    const server = await startOpenSsh()
    onTestFinished(() => server.stop())
    const refused = (): number => server.log().match(/Failed (password|publickey) for/g)?.length ?? 0
    const { store, leases, addJob, fernsync } = await createJobHome(server, { secret: 'wrong' })
    const names = ['one', 'two', 'three', 'four']
    const ids: string[] = []
    for (const name of names) ids.push(await addJob(name))

    // The server answers nobody until every process is where it would sign in.
    server.signal('SIGSTOP')
    const running = names.map((name) => fernsync('job', 'run', name))
    await until('all runs', () => ids.every((id) => leases().includes(`job:${id}`)), 60_000)
    expect(refused()).toBe(0)
    server.signal('SIGCONT')
    const ended = await Promise.all(running)

    expect(ended.map(({ exit }) => exit)).toEqual([4, 4, 4, 4])
    expect(refused()).toBe(1)
    const reasons = ended.map(({ out }) => RunSummary.parse(JSON.parse(out)).reason)
    expect(reasons.sort()).toEqual(['auth-failed', 'needs-sign-in', 'needs-sign-in', 'needs-sign-in'])
    // Three of them never were runs.
    expect(store.runs(null, 9).map(({ state, reason }) => [state, reason])).toEqual([
      ['failed', 'auth-failed'],
    ])
    expect(store.skips(null, 9).map(({ reason }) => reason)).toEqual(Array(3).fill('needs-sign-in'))
    expect(leases()).toEqual([])
  })
})
