import { wipe } from '../core/crypto/bytes.ts'
import { detectFormat } from '../core/import/detect-format.ts'
import { chooseEntries, draftOf, planImport } from '../core/import/import-plan.ts'
import { wipeItems } from '../core/import/imported-item.ts'
import type { ImportedItem } from '../core/import/imported-item.ts'
import { needsSourcePassword } from '../core/import/read-import.ts'
import type { Changed } from '../core/vault/vault-api.ts'
import { AppError } from '../model/app-error.ts'
import type { ImportEntry, ImportFormat } from '../model/import.ts'
import { checkFieldValues } from './check-credential.ts'
import { withNamedFiles } from './named-files.ts'
import type { ServicePorts } from './service-ports.ts'

export type ImportRequest = {
  readonly format: ImportFormat
  /** The file; wiped when it is read, because it may hold secrets in clear. */
  readonly bytes: Uint8Array
  /** Opens the file, null when it needs none; wiped as well. */
  readonly password: Uint8Array | null
  /** Of a KDBX database, null for none; wiped as well. */
  readonly keyFile?: Uint8Array | null
  /** Go on although deriving its keys is estimated over 5 s; else AppError('slow-kdf'). */
  readonly allowSlowKdf: boolean
  /** Whom other programs sign in as when their file names no user. */
  readonly localUser: string | null
}

/** What came in, with its number in the preview. */
export type Imported = Changed & { readonly number: number }

/** A file that was read. Holds its secrets until `close`. */
export type OpenImport = {
  readonly entries: readonly ImportEntry[]
  /** Stores the chosen entries in one write, all that are new unless numbers are given. Once: throws AppError('bad-request') afterwards. */
  take(only: readonly number[] | null): Promise<readonly Imported[]>
  /** Wipes every secret that was read. Idempotent. */
  close(): void
}

export type ImportService = {
  /** What a file most likely is; null when nothing says so. */
  detect(fileName: string, bytes: Uint8Array): ImportFormat | null
  /** Whether the file must be opened with a password of its own. Throws AppError('import-unreadable'). */
  needsPassword(format: ImportFormat, bytes: Uint8Array): boolean
  /**
   * Reads a file and compares it with the vault, which must be unlocked; stores nothing. Throws AppError('import-unreadable'),
   * 'wrong-password' for the file's own, 'usage' without one, 'slow-kdf'. The caller closes what it gets.
   */
  open(request: ImportRequest, signal?: AbortSignal): Promise<OpenImport>
}

/** `changed` runs after an import, so that projections follow. */
export function createImportService(ports: ServicePorts, changed: () => Promise<void>): ImportService {
  return {
    detect: detectFormat,
    needsPassword: needsSourcePassword,
    async open(request, signal) {
      const read = await readItems(ports, request, signal)
      let items = read
      try {
        items = await withNamedFiles(ports, read)
        const existing = await ports.vault.unlocked().listCredentials()
        return openImport(ports, items, planImport(items, existing), changed)
      } catch (error) {
        wipeItems(items)
        throw error
      }
    },
  }
}

async function readItems(
  ports: ServicePorts,
  { keyFile = null, ...request }: ImportRequest,
  signal: AbortSignal | undefined,
): Promise<readonly ImportedItem[]> {
  const { bytes, password } = request
  try {
    // Before anything is derived: a locked vault takes nothing in.
    ports.vault.unlocked()
    return await ports.importer.read({ ...request, keyFile }, signal)
  } finally {
    wipe(bytes, ...(password === null ? [] : [password]), ...(keyFile === null ? [] : [keyFile]))
  }
}

function openImport(
  ports: ServicePorts,
  items: readonly ImportedItem[],
  entries: readonly ImportEntry[],
  changed: () => Promise<void>,
): OpenImport {
  let isSpent = false
  return {
    entries,
    async take(only) {
      const chosen = chooseEntries(entries, only)
      // The vault wipes what it is given: a second time would store zeros as secrets.
      if (isSpent) throw new AppError('bad-request', 'import: taken or closed already')
      isSpent = true
      const drafts = chosen.flatMap(({ number, as }) => {
        const item = items[number - 1]
        if (item === undefined) return []
        const draft = draftOf(item, as)
        checkFieldValues({ ...draft, secretNames: Object.keys(item.secrets) })
        return [{ draft, secrets: item.secrets }]
      })
      if (drafts.length === 0) return []
      const added = await ports.vault.unlocked().addCredentials(drafts)
      await changed()
      return added.map((one, at) => ({ ...one, number: chosen[at]?.number ?? 0 }))
    },
    close() {
      isSpent = true
      wipeItems(items)
    },
  }
}
