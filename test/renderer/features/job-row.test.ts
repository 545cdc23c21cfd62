import { mount } from '@vue/test-utils'
import { createMemoryHistory, createRouter } from 'vue-router'
import { describe, expect, it } from 'vitest'
import { JobState, type JobView } from '../../../main/model/job.ts'
import { errorCodes } from '../../../main/model/error-codes.ts'
import { jobStatusLine } from '../../../main/messages/en/words.ts'
import { fakeJobs, FAKE_NOW } from '../../../renderer/api/fake/fake-data.ts'
import JobRow from '../../../renderer/features/jobs/JobRow.vue'
import { routes } from '../../../renderer/routes.ts'

const base = fakeJobs()[0]
if (base === undefined) throw new Error('the fake has no job')
const since = new Date(FAKE_NOW - 86_400_000).toISOString()

function row(change: Partial<JobView>) {
  const job: JobView = { ...base, ...change } as JobView
  const router = createRouter({ history: createMemoryHistory(), routes })
  const wrapper = mount(JobRow, {
    props: { job, progress: null, now: FAKE_NOW, error: null },
    global: { plugins: [router] },
  })
  return { job, wrapper, text: wrapper.text().replace(/\s+/g, ' ') }
}

describe('JobRow', () => {
  it.each(JobState.options)('says what a job in state %s is doing', (state) => {
    const reason = state === 'attention' ? 'auth-failed' : state === 'waiting' ? 'locked' : null
    const { job, text } = row({ state, reason, since: reason === null ? null : since })
    expect(text).toContain(jobStatusLine(job, { now: FAKE_NOW }).what)
  })

  it.each(errorCodes)('says what, since when and a way out for %s', (reason) => {
    const { job, text, wrapper } = row({ state: 'attention', reason, since })
    const line = jobStatusLine(job, { now: FAKE_NOW })
    expect(text).toContain(line.what)
    expect(text).toContain(`since ${line.since ?? ''}`)
    expect(wrapper.findAll('button').length).toBeGreaterThanOrEqual(2)
  })

  it('asks for the action that its state offers', async () => {
    const { wrapper } = row({ state: 'attention', reason: 'guard-stopped', since })
    await wrapper
      .findAll('button')
      .find((button) => button.text() === 'Review plan')
      ?.trigger('click')
    expect(wrapper.emitted('command')).toEqual([['review-plan']])
  })

  it('can be cancelled while it runs and shows that it does', async () => {
    const { wrapper } = row({ state: 'running' })
    expect(wrapper.find('[role="progressbar"]').exists()).toBe(true)
    await wrapper
      .findAll('button')
      .find((button) => button.text() === 'Cancel')
      ?.trigger('click')
    expect(wrapper.emitted('command')).toEqual([['cancel']])
  })

  it('offers no run for a job of another device', () => {
    const { wrapper } = row({
      state: 'elsewhere',
      device: { id: base.device.id, label: 'Laptop', here: false },
    })
    expect(wrapper.findAll('button')).toHaveLength(1)
  })
})
