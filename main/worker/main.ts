import { openParentChannel } from '../adapters/child-channel.ts'
import { systemClock } from '../adapters/system-clock.ts'
import { ToWorker } from '../model/worker-messages.ts'
import type { FromWorker } from '../model/worker-messages.ts'
import { createChannelLogger } from './channel-logger.ts'
import { runTask } from './run-task.ts'
import { tuneHeap } from './tune-heap.ts'

/** A worker that nobody talks to must not stay. */
const startDeadlineMs = 30_000

tuneHeap()
const channel = openParentChannel()
const stopping = new AbortController()
let started = false

function post(message: FromWorker): void {
  channel.post(message)
}

channel.onMessage((raw) => {
  const parsed = ToWorker.safeParse(raw)
  if (!parsed.success) {
    post({ type: 'failed', failure: { code: 'internal', fingerprint: null } })
    return
  }
  const message = parsed.data
  if (message.type === 'cancel') stopping.abort()
  else if (!started) {
    started = true
    cancelDeadline()
    const log = createChannelLogger(post)
    void runTask(message, { post, log, signal: stopping.signal })
  }
})

// Ctrl-C in a terminal and a stopping service signal the whole group: what is in hand is brought to a clean point first.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stopping.abort())

const cancelDeadline = systemClock.setTimer(startDeadlineMs, () => {
  process.exit(1)
})
post({ type: 'ready' })
