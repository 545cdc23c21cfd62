import { AppError } from '../../model/app-error.ts'
import { utf8, wipe } from '../crypto/bytes.ts'
import { fernetDecrypt } from '../crypto/fernet.ts'
import type { Pbkdf2Input } from '../crypto/pbkdf2.ts'
import type { Stretch, StretchCost } from '../crypto/stretch.ts'
import type { Pacer } from '../vault/pacer.ts'
import { SLOW_DERIVATION_MS } from '../vault/vault-limits.ts'
import { wrongPassword } from './import-errors.ts'
import { toItem, wipeItems } from './imported-item.ts'
import type { ImportContext, ImportedItem } from './imported-item.ts'
import { entryOf } from './row-payload.ts'
import type { RowLock, SealedRow } from './sealed-row.ts'

/** What opening rows needs beyond reading them. */
export type OpenParts = {
  readonly derive: (input: Pbkdf2Input) => Promise<Uint8Array>
  /** Milliseconds that so many iterations take here. */
  readonly estimateMs: (iterations: number) => Promise<number>
  readonly pacer: Pacer
  /** The slow derivation of a whole file, and how long it would take. */
  readonly stretch: (input: Stretch) => Promise<Uint8Array>
  readonly estimateStretchMs: (cost: StretchCost) => Promise<number>
  /** What gzip holds; null when it is not whole or would be longer than `maxBytes`. The caller wipes it. */
  readonly gunzip: (bytes: Uint8Array, maxBytes: number) => Uint8Array | null
  /** Go on although all derivations together are estimated over 5 s. */
  readonly allowSlowKdf: boolean
}

/**
 * Decrypts rows, each distinct salt and iteration count derived once, one after the other. A row that does not open becomes
 * an item that says so. Throws AppError('wrong-password') when none of them opens, AppError('slow-kdf') with
 * `details.seconds` before deriving anything, AppError('usage') without a password. The caller wipes the items.
 */
export async function openRows(
  rows: readonly SealedRow[],
  context: ImportContext,
  parts: OpenParts,
): Promise<readonly ImportedItem[]> {
  const { password, budget } = context
  if (password === null) throw new AppError('usage', 'import: password of the file is missing')
  await refuseSlow(rows, parts)
  const keys = createKeyring(password, parts)
  const items: ImportedItem[] = []
  let tried = 0
  let opened = 0
  try {
    for (const row of rows) {
      await parts.pacer.rest()
      const { lock } = row
      const plain = lock === null ? null : await keys.open(lock)
      if (lock !== null) tried += 1
      if (plain !== null) opened += 1
      const problem = row.problem ?? (plain === null ? 'not-opened' : null)
      items.push(
        problem === null && plain !== null
          ? toItem(entryOf(row.facts, plain), budget)
          : toItem({ ...row.facts, protocol: 'sftp', problem }, budget),
      )
    }
    if (tried > 0 && opened === 0) throw wrongPassword()
    return items
  } catch (error) {
    wipeItems(items)
    throw error
  } finally {
    keys.wipe()
  }
}

async function refuseSlow(
  rows: readonly SealedRow[],
  { estimateMs, allowSlowKdf }: OpenParts,
): Promise<void> {
  const distinct = new Map<string, number>()
  for (const { lock } of rows) if (lock !== null) distinct.set(saltKey(lock), lock.iterations)
  if (distinct.size === 0 || allowSlowKdf) return
  const total = [...distinct.values()].reduce((sum, iterations) => sum + iterations, 0)
  const milliseconds = await estimateMs(total)
  if (milliseconds > SLOW_DERIVATION_MS)
    throw new AppError('slow-kdf', 'import: slow', { details: { seconds: Math.round(milliseconds / 1000) } })
}

/** What PBKDF2 was fed: the published recipe of this scheme takes the salt's text, others the bytes it stands for. */
type Convention = 'text' | 'bytes'

type Keyring = {
  /** The plaintext, which the caller wipes; null when no key of this password opens it. */
  open(lock: RowLock): Promise<Uint8Array | null>
  wipe(): void
}

/** Keys of one file. Owns and wipes them. */
function createKeyring(password: Uint8Array, { derive }: OpenParts): Keyring {
  const keys = new Map<string, Uint8Array>()
  const proven = new Map<string, Convention>()
  let usual: Convention = 'text'
  const keyFor = async (lock: RowLock, convention: Convention): Promise<Uint8Array | null> => {
    const salt = convention === 'text' ? utf8(lock.saltText) : lock.salt
    if (salt === null) return null
    const name = `${convention} ${saltKey(lock)}`
    const known = keys.get(name)
    if (known !== undefined) return known
    const key = await derive({ password, salt, iterations: lock.iterations, length: 32 })
    keys.set(name, key)
    return key
  }
  return {
    async open(lock) {
      const sure = proven.get(saltKey(lock))
      const other: Convention = usual === 'text' ? 'bytes' : 'text'
      for (const convention of sure === undefined ? [usual, other] : [sure]) {
        const key = await keyFor(lock, convention)
        const plain = key === null ? null : decrypt(key, lock.token)
        if (plain === null) continue
        proven.set(saltKey(lock), convention)
        usual = convention
        return plain
      }
      return null
    },
    wipe() {
      wipe(...keys.values())
      keys.clear()
    },
  }
}

const saltKey = ({ saltText, iterations }: RowLock): string => `${iterations} ${saltText}`

function decrypt(key: Uint8Array, token: string): Uint8Array | null {
  try {
    const shared = fernetDecrypt(key, token)
    const plain = Uint8Array.from(shared)
    wipe(shared)
    return plain
  } catch {
    return null
  }
}
