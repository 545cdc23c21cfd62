import type { ImportedItem } from '../core/import/imported-item.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { Importer, ReadRequest } from '../core/ports/importer.ts'
import type { ChildProcess, WorkerHost } from '../core/ports/worker-host.ts'
import { AppError } from '../model/app-error.ts'
import { isErrorCode } from '../model/error-codes.ts'
import { FromImportProcess } from '../model/import-messages.ts'

/** A derivation that a person agreed to may take this long, and everything else a part of it. */
const DEADLINE_MS = 60_000

/** Reads each file in a process of its own, which is killed after the answer, the deadline or a cancel. */
export function createProcessImporter(parts: {
  readonly workerHost: WorkerHost
  readonly clock: Clock
}): Importer {
  return {
    read: (request, signal) => ask(parts.workerHost.start('import-process'), request, { ...parts, signal }),
  }
}

type Limits = { readonly clock: Clock; readonly signal: AbortSignal | undefined }

function ask(
  child: ChildProcess,
  request: ReadRequest,
  { clock, signal }: Limits,
): Promise<readonly ImportedItem[]> {
  return new Promise((resolve, reject) => {
    const items: ImportedItem[] = []
    let isSettled = false
    /** Once: the exit that the kill causes comes later, when the items belong to whoever asked. */
    const end = (settle: () => void): void => {
      if (isSettled) return
      isSettled = true
      cancelDeadline()
      signal?.removeEventListener('abort', onAbort)
      child.kill()
      settle()
    }
    const fail = (error: AppError): void => {
      end(() => {
        for (const { secrets } of items) for (const bytes of Object.values(secrets)) bytes.fill(0)
        reject(error)
      })
    }
    const onAbort = (): void => fail(new AppError('cancelled', 'import: cancelled'))
    const cancelDeadline = clock.setTimer(DEADLINE_MS, () => fail(tooMuch('it takes too long to read')))
    signal?.addEventListener('abort', onAbort)
    child.onExit(() => fail(tooMuch('it takes more memory to read than is given')))
    child.onMessage((raw) => {
      const parsed = FromImportProcess.safeParse(raw)
      if (!parsed.success) return fail(new AppError('internal', 'import process: message of another shape'))
      const message = parsed.data
      if (message.type === 'part') items.push(...message.items)
      else if (message.type === 'done') end(() => resolve(items))
      else {
        const { code, message: text, details } = message.error
        fail(new AppError(isErrorCode(code) ? code : 'internal', text, { details }))
      }
    })
    if (signal?.aborted === true) onAbort()
    else child.post(request)
  })
}

function tooMuch(why: string): AppError {
  return new AppError('import-unreadable', 'import: process ended', { details: { why } })
}
