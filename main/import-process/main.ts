import { setImmediate as nextTurn } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { openParentChannel } from '../adapters/child-channel.ts'
import { systemClock } from '../adapters/system-clock.ts'
import { ToImportProcess } from '../model/import-messages.ts'
import type { FromImportProcess } from '../model/import-messages.ts'
import { readForParent } from './read-for-parent.ts'

/**
 * A process for exactly one file of another program. The file is read in a thread of it, whose heap has a limit: the process itself cannot be
 * given one, because Electron takes no flags of V8 for it. The parent kills it after the answer or a minute; an orphan kills itself.
 */
const MAX_HEAP_MIB = 256

if (isMainThread) {
  const channel = openParentChannel({ onOrphaned: () => process.kill(process.pid, 'SIGKILL') })
  let isBusy = false
  channel.onMessage((raw) => {
    if (isBusy) return
    isBusy = true
    const thread = new Worker(import.meta.filename, {
      workerData: raw,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB, maxYoungGenerationSizeMb: 32 },
    })
    thread.on('message', (message: unknown) => channel.post(message))
    thread.on('error', () => channel.post(outOfMemory()))
  })
} else {
  const parts = readForParent(ToImportProcess.parse(workerData), {
    monotonic: () => systemClock.monotonic(),
    yieldToLoop: () => nextTurn(),
  })
  for await (const message of parts) parentPort?.postMessage(message)
}

function outOfMemory(): FromImportProcess {
  const details = { why: 'it takes more memory to read than is given' }
  return { type: 'failed', error: { code: 'import-unreadable', message: 'import: thread ended', details } }
}
