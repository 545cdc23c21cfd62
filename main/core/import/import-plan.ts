import { AppError } from '../../model/app-error.ts'
import type { Credential, CredentialDraft } from '../../model/credential.ts'
import { nameKey } from '../../model/ids.ts'
import type { ImportEntry, ImportProblem, ImportState } from '../../model/import.ts'
import { serverOf } from './imported-item.ts'
import type { ImportedItem } from './imported-item.ts'
import { hostOf } from './server-url.ts'

/** What the vault holds already, as far as it matters here. */
export type ExistingCredential = Pick<Credential, 'name' | 'type' | 'fields'>

const LONGEST_NAME = 100
/** ` (60001)`: more than a vault and a file hold together. */
const LONGEST_NUMBER = 8

/**
 * The preview of an import: which items are new, which have the same server and user as something that is there or came
 * earlier in the file, and what each would be called. Pure; entries are in the order of the items, numbered from 1.
 */
export function planImport(
  items: readonly ImportedItem[],
  existing: readonly ExistingCredential[],
): readonly ImportEntry[] {
  const names = createNames(existing.map(({ name }) => name))
  const owners = new Map<string, string>()
  for (const { name, type, fields } of existing) owners.set(serverKey(type, fields, name), name)
  return items.map((item, at) => {
    const { fields, protocol } = item
    const key = serverKey(protocol, fields, item.name)
    const duplicateOf = item.problem === null ? (owners.get(key) ?? null) : null
    const canCome = item.problem === null
    const as = canCome ? names.take(item.name) : item.name
    // Rows that name no server are told apart by nothing but their secret: two of one user may both be wanted.
    if (canCome && duplicateOf === null && (serverOf(fields) !== undefined || protocol === 'generic'))
      owners.set(key, as)
    return {
      number: at + 1,
      name: item.name,
      as,
      protocol,
      host: fields['host'] ?? hostOf(serverOf(fields)) ?? null,
      port: fields['port'] ?? null,
      user: fields['user'] ?? fields['accessKeyId'] ?? null,
      secrets: Object.keys(item.secrets).sort(),
      state: stateOf(item, duplicateOf),
      problem: item.problem,
      duplicateOf,
      notes: [...item.notes],
    }
  })
}

/**
 * The entries that come in: those chosen by number, or without a choice all that are new. Throws AppError('usage') for a
 * number that is not there or names an entry that cannot come in.
 */
export function chooseEntries(
  entries: readonly ImportEntry[],
  only: readonly number[] | null,
): readonly ImportEntry[] {
  if (only === null) return entries.filter(({ state }) => state === 'new')
  const wanted = new Set(only)
  for (const number of wanted) {
    const entry = entries[number - 1]
    if (entry === undefined) throw cannotChoose(number, 'there is no such number')
    if (entry.problem !== null) throw cannotChoose(number, 'this one cannot come in')
  }
  return entries.filter(({ number }) => wanted.has(number))
}

/**
 * What is stored of an item. A draft is a sign-in and nothing else: no file can bring a job, a hook or trust in a server's
 * identity along.
 */
export function draftOf(item: ImportedItem, name: string): CredentialDraft {
  return {
    name,
    type: item.type ?? 'generic',
    fields: item.fields,
    hostKey: null,
    tags: [...item.tags],
    expires: item.expires,
  }
}

/** What is left out although nothing is wrong with it. */
const notTaken: ReadonlySet<ImportProblem> = new Set(['unsupported', 'recycle-bin', 'not-a-sign-in'])

function stateOf({ problem }: ImportedItem, duplicateOf: string | null): ImportState {
  if (problem !== null && notTaken.has(problem)) return 'unsupported'
  if (problem !== null) return 'unreadable'
  return duplicateOf === null ? 'new' : 'duplicate'
}

function cannotChoose(number: number, why: string): AppError {
  return new AppError('usage', 'import: choice', { details: { option: '--only', number, why } })
}

/** What two credentials have in common that sign in as one user at one place. What names no place is known by its name. */
function serverKey(protocol: string, fields: Readonly<Record<string, string>>, name: string): string {
  const { host, port, share, bucket, user, accessKeyId } = fields
  const address = fields['url'] ?? fields['endpoint']
  const place = host ?? withoutSlashes(address)
  const usual = defaultPorts[protocol] ?? ''
  return JSON.stringify([
    protocol,
    place?.toLowerCase().replace(/\.$/, '') ?? (protocol === 'generic' ? `name ${nameKey(name)}` : ''),
    Number(port ?? usual),
    share ?? bucket ?? '',
    user ?? accessKeyId ?? '',
  ])
}

/** Not as `/\/+$/`, which looks at every slash of a long row of them again and again. */
function withoutSlashes(address: string | undefined): string | undefined {
  let end = address?.length ?? 0
  while (address?.[end - 1] === '/') end -= 1
  return address?.slice(0, end)
}

const defaultPorts: Readonly<Record<string, string>> = { sftp: '22', ftp: '21', smb: '445' }

function createNames(taken: readonly string[]): { take(name: string): string } {
  const keys = new Set(taken.map(nameKey))
  /** Where counting went on for names that begin like this: a file of thousands of them must not count from two for each. */
  const counts = new Map<string, number>()
  return {
    take(name) {
      const head = headOf(name)
      const headKey = nameKey(head)
      let candidate = name
      let count = counts.get(headKey) ?? 1
      while (keys.has(nameKey(candidate))) {
        count += 1
        candidate = `${head} (${count})`
      }
      counts.set(headKey, count)
      keys.add(nameKey(candidate))
      return candidate
    },
  }
}

/** What stays of a name when a number is put behind it: the same for all numbers, so that counting can go on. */
function headOf(name: string): string {
  const room = LONGEST_NAME - LONGEST_NUMBER
  const head = name.slice(0, room)
  // Half of a pair that makes one character is none.
  return (head.isWellFormed() ? head : head.slice(0, -1)).trimEnd()
}
