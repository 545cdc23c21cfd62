import { describe, expect, it } from 'vitest'
import type { ProjectedJob } from '../../../main/core/jobs/job-store.ts'
import type { Notice } from '../../../main/core/ports/notifier.ts'
import { errorMessages } from '../../../main/messages/en/errors.ts'
import { jobStateWords } from '../../../main/messages/en/words.ts'
import type { RunSummary } from '../../../main/model/run.ts'
import { createJobNotices } from '../../../main/services/job-notices.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'
import { jobDefinition, openStore, runSummary, uuid } from '../core/jobs/support.ts'

async function setUp() {
  const { store } = await openStore()
  store.project({ jobs: [jobDefinition(1, { name: 'docs' })], credentialRevs: {}, epoch: 1, now: 0 })
  const shown: Notice[] = []
  const cleared: string[] = []
  const opened: unknown[] = []
  const notices = createJobNotices({
    store,
    clock: createFakeClock(Date.UTC(2026, 0, 1, 12)),
    notifier: { show: (notice) => void shown.push(notice), clear: (key) => void cleared.push(key) },
    emit: (name, value) => void opened.push([name, value]),
  })
  let count = 0
  const end = (state: RunSummary['state'], reason: string | null): void => {
    store.addRun(runSummary((count += 1), { state, reason }))
    notices.afterRun(uuid(1))
  }
  const job = (): ProjectedJob => {
    const found = store.job(uuid(1))
    if (found === null) throw new Error('the job is gone')
    return found
  }
  return { store, shown, cleared, opened, notices, end, job }
}

describe('createJobNotices', () => {
  it('says once that a job fails, however often it fails the same way', async () => {
    const { shown, end } = await setUp()
    end('failed', 'unreachable')
    end('failed', 'unreachable')
    end('failed', 'unreachable')
    expect(shown.map(({ key, title }) => [key, title])).toEqual([[uuid(1), 'docs']])
    expect(shown[0]?.body).toMatch(/^The server cannot be reached since .+\. /)
    expect(shown[0]?.body).toContain(errorMessages.unreachable.cure)
  })

  it('says it again when it fails in another way, and after it was good', async () => {
    const { shown, cleared, end } = await setUp()
    end('failed', 'unreachable')
    end('failed', 'timeout')
    end('done', null)
    end('failed', 'timeout')
    expect(shown).toHaveLength(3)
    expect(cleared).toEqual([uuid(1)])
  })

  it('says nothing of a good run or one that the person cancelled', async () => {
    const { shown, end } = await setUp()
    end('done', null)
    end('cancelled', 'cancelled')
    expect(shown).toEqual([])
  })

  it('speaks in its own words of a reason it does not know', async () => {
    const { shown, end } = await setUp()
    end('failed', 'code-of-the-future')
    expect(shown[0]?.body).toContain(errorMessages.internal.sentence.replace(/\.$/, ''))
  })

  it('says that a job waits for unlock, takes it back, and opens the job on a click', async () => {
    const { store, shown, cleared, opened, notices, job } = await setUp()
    store.setWaiting(uuid(1), Date.UTC(2026, 0, 1, 11))
    notices.onWaiting(job(), true)
    expect(shown[0]?.body).toMatch(new RegExp(`^${jobStateWords.waiting} since `))
    shown[0]?.onClick?.()
    expect(opened).toEqual([['app.navigate', { path: `/jobs/${uuid(1)}` }]])
    notices.onWaiting(job(), false)
    expect(cleared).toEqual([uuid(1)])
  })

  it('passes over a job that is gone', async () => {
    const { shown, notices } = await setUp()
    notices.afterRun(uuid(99))
    expect(shown).toEqual([])
  })
})
