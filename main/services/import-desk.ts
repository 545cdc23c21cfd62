import { toHex, wipe } from '../core/crypto/bytes.ts'
import { MAX_IMPORT_BYTES } from '../core/import/import-budget.ts'
import { AppError } from '../model/app-error.ts'
import type { ImportEntry, ImportFormat } from '../model/import.ts'
import type { Imported, ImportService, OpenImport } from './import-service.ts'
import type { ServicePorts } from './service-ports.ts'

/** A preview that nobody answers does not keep its secrets. */
const PATIENCE_MS = 10 * 60_000
const MAX_KEY_FILE_BYTES = 1_048_576

export type DeskRequest = {
  readonly path: string
  readonly format: ImportFormat
  readonly password: Uint8Array | null
  readonly keyFilePath: string | null
  readonly allowSlowKdf: boolean
}

/** The one import that a person looks at: its secrets stay here between preview and choice, and go with a lock. */
export type ImportDesk = {
  /** `format` null = whatever it looks like. */
  inspect(
    path: string,
    format: ImportFormat | null,
  ): Promise<{ format: ImportFormat | null; isSealed: boolean }>
  /** Replaces the one before. Wipes the password. */
  open(request: DeskRequest): Promise<{ id: string; entries: readonly ImportEntry[] }>
  /** Throws AppError('bad-request') for an import that is not there any more. */
  take(id: string, numbers: readonly number[]): Promise<readonly Imported[]>
  /** Ends reading as well. */
  close(): void
}

type Current = { readonly id: string; readonly read: OpenImport; readonly cancelPatience: () => void }

export function createImportDesk(ports: ServicePorts, imports: ImportService): ImportDesk {
  let current: Current | null = null
  let reading: AbortController | null = null
  const close = (): void => {
    reading?.abort()
    reading = null
    current?.cancelPatience()
    current?.read.close()
    current = null
  }
  ports.vault.onState((state) => {
    if (state === 'locked') close()
  })
  return {
    close,
    async inspect(path, given) {
      const bytes = await load(ports, path, MAX_IMPORT_BYTES)
      try {
        const format = given ?? imports.detect(path.split(/[\\/]/).at(-1) ?? '', bytes)
        return { format, isSealed: format !== null && isSealed(imports, format, bytes) }
      } finally {
        wipe(bytes)
      }
    },
    async open({ path, format, password, keyFilePath, allowSlowKdf }) {
      close()
      const mine = new AbortController()
      reading = mine
      try {
        const bytes = await load(ports, path, MAX_IMPORT_BYTES)
        const keyFile = keyFilePath === null ? null : await load(ports, keyFilePath, MAX_KEY_FILE_BYTES)
        const read = await imports.open(
          { format, bytes, password, keyFile, allowSlowKdf, localUser: null },
          mine.signal,
        )
        if (mine.signal.aborted) {
          read.close()
          throw new AppError('cancelled', 'import: cancelled')
        }
        const id = toHex(ports.random.bytes(16))
        current = { id, read, cancelPatience: ports.clock.setTimer(PATIENCE_MS, close) }
        return { id, entries: read.entries }
      } finally {
        if (password !== null) wipe(password)
        if (reading === mine) reading = null
      }
    },
    async take(id, numbers) {
      if (current?.id !== id) throw putAway()
      try {
        return await current.read.take(numbers)
      } finally {
        close()
      }
    },
  }
}

function putAway(): AppError {
  const details = { field: 'import', why: 'it was put away; choose the file again' }
  return new AppError('bad-request', 'import: not open', { details })
}

async function load({ userFiles }: ServicePorts, path: string, maxBytes: number): Promise<Uint8Array> {
  const bytes = await userFiles.read(path, maxBytes)
  if (bytes !== null) return bytes
  throw new AppError('bad-request', 'import: file is gone', { details: { field: 'file' } })
}

/** What is not what it is said to be is refused when it is read, not before. */
function isSealed(imports: ImportService, format: ImportFormat, bytes: Uint8Array): boolean {
  try {
    return imports.needsPassword(format, bytes)
  } catch {
    return false
  }
}
