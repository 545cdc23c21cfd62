import { gunzip } from '../adapters/gunzip.ts'
import { estimatePbkdf2Ms, pbkdf2HmacSha256 } from '../core/crypto/pbkdf2.ts'
import { estimateStretchMs, stretch } from '../core/crypto/stretch.ts'
import { createImportBudget } from '../core/import/import-budget.ts'
import type { OpenParts } from '../core/import/open-rows.ts'
import { readImport } from '../core/import/read-import.ts'
import { createPacer } from '../core/vault/pacer.ts'
import type { PacerPorts } from '../core/vault/pacer.ts'
import { AppError } from '../model/app-error.ts'
import { ITEMS_PER_PART } from '../model/import-messages.ts'
import type { FromImportProcess, ToImportProcess } from '../model/import-messages.ts'

/** Everything that reading needs of this machine. */
export function openParts(ports: PacerPorts, allowSlowKdf: boolean): OpenParts {
  const { monotonic } = ports
  return {
    derive: pbkdf2HmacSha256,
    estimateMs: (iterations) => estimatePbkdf2Ms(iterations, monotonic),
    stretch,
    estimateStretchMs: (cost) => estimateStretchMs(cost, monotonic),
    gunzip,
    pacer: createPacer(ports),
    allowSlowKdf,
  }
}

/** The answer to one request, in parts. Never throws: what went wrong is the last message. */
export async function* readForParent(
  request: ToImportProcess,
  ports: PacerPorts,
): AsyncGenerator<FromImportProcess> {
  try {
    const { format, bytes, password, keyFile, localUser, allowSlowKdf } = request
    const budget = createImportBudget(ports.monotonic)
    const items = await readImport(
      format,
      bytes,
      { budget, password, keyFile, localUser },
      openParts(ports, allowSlowKdf),
    )
    for (let start = 0; start < items.length; start += ITEMS_PER_PART) {
      const part = items.slice(start, start + ITEMS_PER_PART)
      yield {
        type: 'part',
        items: part.map((item) => ({ ...item, tags: [...item.tags], notes: [...item.notes] })),
      }
    }
    yield { type: 'done' }
  } catch (error) {
    yield { type: 'failed', error: describe(error) }
  }
}

/** Only codes and texts of ours cross: the message of a library could quote the file. */
function describe(error: unknown): Extract<FromImportProcess, { type: 'failed' }>['error'] {
  if (!(error instanceof AppError)) return { code: 'internal', message: 'import: reader failed', details: {} }
  return { code: error.code, message: error.message, details: { ...error.details } }
}
