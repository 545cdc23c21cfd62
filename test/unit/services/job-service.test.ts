import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { uuid } from '../core/jobs/support.ts'
import { addJob, createUnlockedBench } from './support.ts'
import type { Bench } from './support.ts'

const ends = ['', '-wal', '-shm']

/** What a worker of the job leaves behind when it is killed: a database with its log and its shared memory. */
async function leaveDatabase({ home }: Bench, id: string): Promise<string> {
  const folder = join(home.path, 'device', 'jobs')
  await mkdir(folder, { recursive: true })
  for (const end of ends) await writeFile(join(folder, `${id}.sqlite${end}`), 'baseline')
  return folder
}

describe('remove', () => {
  it('deletes the database of the job with all that belongs to it, and nothing of another job', async () => {
    const bench = await createUnlockedBench()
    const id = await addJob(bench, 'docs')
    const other = uuid(7)
    const folder = await leaveDatabase(bench, id)
    await leaveDatabase(bench, other)
    await bench.services.jobs.remove(id)
    expect((await readdir(folder)).sort()).toEqual(ends.map((end) => `${other}.sqlite${end}`).sort())
    expect(bench.log.events).not.toContain('job.data-not-removed')
  })

  it('removes a job that never ran', async () => {
    const bench = await createUnlockedBench()
    const id = await addJob(bench, 'docs')
    await bench.services.jobs.remove(id)
    expect([await bench.services.jobs.list(), bench.ports.store.jobs()]).toEqual([[], []])
    expect(bench.log.events).not.toContain('job.data-not-removed')
  })

  it('removes the job although its database cannot be deleted, and says so in the log', async () => {
    const bench = await createUnlockedBench()
    const id = await addJob(bench, 'docs')
    // A folder in its place cannot be unlinked.
    await mkdir(join(bench.home.path, 'device', 'jobs', `${id}.sqlite`), { recursive: true })
    await bench.services.jobs.remove(id)
    expect([await bench.services.jobs.list(), bench.ports.store.jobs()]).toEqual([[], []])
    expect(bench.log.events).toContain('job.data-not-removed')
  })

  it('leaves the database of a running job alone', async () => {
    const bench = await createUnlockedBench()
    const id = await addJob(bench, 'docs')
    const folder = await leaveDatabase(bench, id)
    const run = await bench.services.jobs.run(id, { approve: null, trigger: 'manual' })
    await expect(bench.services.jobs.remove(id)).rejects.toMatchObject({ code: 'already-running' })
    expect(await readdir(folder)).toHaveLength(ends.length)
    bench.services.coordinator.killAll()
    await run.finished
  })
})
