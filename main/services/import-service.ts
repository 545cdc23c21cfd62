import { equalBytes, utf8, wipe } from '../core/crypto/bytes.ts'
import { estimatePbkdf2Ms, pbkdf2HmacSha256 } from '../core/crypto/pbkdf2.ts'
import { createImportBudget } from '../core/import/import-budget.ts'
import { chooseEntries, draftOf, planImport } from '../core/import/import-plan.ts'
import { wipeItems } from '../core/import/imported-item.ts'
import type { ImportedItem } from '../core/import/imported-item.ts'
import { needsSourcePassword, readImport } from '../core/import/read-import.ts'
import { createPacer } from '../core/vault/pacer.ts'
import type { Changed } from '../core/vault/vault-api.ts'
import { AppError } from '../model/app-error.ts'
import type { ImportEntry, ImportFormat } from '../model/import.ts'
import { checkFieldNames } from './check-credential.ts'
import type { ServicePorts } from './service-ports.ts'

export type ImportRequest = {
  readonly format: ImportFormat
  /** The file; wiped when it is read, because it may hold secrets in clear. */
  readonly bytes: Uint8Array
  /** Opens the file, null when it needs none; wiped as well. */
  readonly password: Uint8Array | null
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
  /** Whether the file must be opened with a password of its own. Throws AppError('import-unreadable'). */
  needsPassword(format: ImportFormat, bytes: Uint8Array): boolean
  /**
   * Reads a file and compares it with the vault, which must be unlocked; stores nothing. Throws AppError('import-unreadable'),
   * 'wrong-password' for the file's own, 'usage' without one, 'slow-kdf'. The caller closes what it gets.
   */
  open(request: ImportRequest): Promise<OpenImport>
}

const MAX_KEY_FILE_BYTES = 65_536

/** `changed` runs after an import, so that projections follow. */
export function createImportService(ports: ServicePorts, changed: () => Promise<void>): ImportService {
  return {
    needsPassword: needsSourcePassword,
    async open(request) {
      const read = await readItems(ports, request)
      let items = read
      try {
        items = await withKeyFiles(ports, read)
        const existing = await ports.vault.unlocked().listCredentials()
        return openImport(ports, items, planImport(items, existing), changed)
      } catch (error) {
        wipeItems(items)
        throw error
      }
    },
  }
}

async function readItems(ports: ServicePorts, request: ImportRequest): Promise<readonly ImportedItem[]> {
  const { format, bytes, password, allowSlowKdf, localUser } = request
  const monotonic = (): number => ports.clock.monotonic()
  const yieldToLoop = (): Promise<void> =>
    new Promise((resolve) => {
      ports.clock.setTimer(0, resolve)
    })
  try {
    // Before anything is derived: a locked vault takes nothing in.
    ports.vault.unlocked()
    return await readImport(
      format,
      bytes,
      { budget: createImportBudget(monotonic), password, localUser },
      {
        derive: pbkdf2HmacSha256,
        estimateMs: (iterations) => estimatePbkdf2Ms(iterations, monotonic),
        pacer: createPacer({ monotonic, yieldToLoop }),
        allowSlowKdf,
      },
    )
  } finally {
    wipe(bytes, ...(password === null ? [] : [password]))
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
        checkFieldNames({ ...draft, secretNames: Object.keys(item.secrets) })
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

/** Reads the key files that items name, each once, into the items. One that is not there or no private key stays a path. */
async function withKeyFiles(
  { userFiles }: ServicePorts,
  items: readonly ImportedItem[],
): Promise<readonly ImportedItem[]> {
  const files = new Map<string, Uint8Array | null>()
  const load = async (path: string): Promise<Uint8Array | null> => {
    const known = files.get(path)
    if (known !== undefined) return known
    const bytes = await userFiles.read(path, MAX_KEY_FILE_BYTES).catch(() => null)
    const key = bytes !== null && isPrivateKey(bytes) ? bytes : null
    if (key === null && bytes !== null) wipe(bytes)
    files.set(path, key)
    return key
  }
  try {
    const complete: ImportedItem[] = []
    for (const item of items) {
      const { keyFile, problem } = item
      if (keyFile === null || problem !== null || item.secrets['privateKey'] !== undefined)
        complete.push(item)
      else complete.push(withKeyFile(item, keyFile, await load(userFiles.absolute(keyFile))))
    }
    return complete
  } finally {
    for (const bytes of files.values()) if (bytes !== null) wipe(bytes)
  }
}

function withKeyFile(item: ImportedItem, keyFile: string, key: Uint8Array | null): ImportedItem {
  if (key !== null) return { ...item, secrets: { ...item.secrets, privateKey: Uint8Array.from(key) } }
  const fields = { ...item.fields, keyFile }
  return { ...item, fields, notes: [...item.notes, 'key-file-not-read'] }
}

const keyHeaders = ['-----BEGIN ', 'PuTTY-User-Key-File-'].map((text) => utf8(text))

/** By its first bytes: a file that names another file must not bring that one's content into the vault as a key. */
function isPrivateKey(bytes: Uint8Array): boolean {
  return keyHeaders.some((header) => {
    const start = bytes.subarray(0, header.byteLength)
    if (!equalBytes(start, header)) return false
    const line = new TextDecoder().decode(bytes.subarray(0, 100)).split('\n')[0] ?? ''
    return line.startsWith('PuTTY-') || /PRIVATE KEY-----\s*$/.test(line)
  })
}
