import type { ImportFormat } from '../../model/import.ts'
import type { ImportedItem } from '../import/imported-item.ts'

export type ReadRequest = {
  readonly format: ImportFormat
  /** The file. */
  readonly bytes: Uint8Array
  readonly password: Uint8Array | null
  readonly keyFile: Uint8Array | null
  /** Whom other programs sign in as when their file names no user. */
  readonly localUser: string | null
  /** Go on although deriving its keys is estimated over 5 s. */
  readonly allowSlowKdf: boolean
}

/** Reads a file of another program where it can do no harm: off the event loop, with a limit on time and memory. */
export interface Importer {
  /**
   * The caller wipes the request and the items. Throws what `readImport` throws, AppError('import-unreadable') when it takes over 60 s
   * or 512 MiB as well, and AppError('cancelled') when `signal` is aborted.
   */
  read(request: ReadRequest, signal?: AbortSignal): Promise<readonly ImportedItem[]>
}
