import * as z from 'zod'
import type { ImportNote } from '../../model/import.ts'
import type { ImportBudget } from './import-budget.ts'
import { refusedFile } from './import-errors.ts'
import { cleanName, toItem } from './imported-item.ts'
import type { ExtraField, FoundEntry } from './found-entry.ts'
import type { ImportedItem } from './imported-item.ts'
import { readServerUrl } from './server-url.ts'

const text = z.string().nullish()
const Folder = z.object({ id: text, name: z.string() })
const Field = z.object({ name: text, value: text, type: z.number().nullish() })
const Login = z.object({
  uris: z.array(z.object({ uri: text })).nullish(),
  username: text,
  password: text,
  totp: text,
  fido2Credentials: z.array(z.unknown()).nullish(),
})
const SshKey = z.object({ privateKey: text })
const Item = z.object({
  type: z.number(),
  name: text,
  notes: text,
  folderId: text,
  collectionIds: z.array(z.string()).nullish(),
  deletedDate: text,
  fields: z.array(Field).nullish(),
  login: Login.nullish(),
  sshKey: SshKey.nullish(),
  passwordHistory: z.array(z.unknown()).nullish(),
})
type Item = z.infer<typeof Item>
const Export = z.object({
  items: z.array(z.unknown()),
  folders: z.array(Folder).nullish(),
  collections: z.array(Folder).nullish(),
})

/** `CipherType` of Bitwarden; 3 and 4 are cards and identities. */
const kinds = { login: 1, note: 2, sshKey: 5 } as const
/** `FieldType` of one that only refers to another field. */
const LINKED = 3
/** Of one login, that are looked at. */
const MAX_ADDRESSES = 20
const MAX_COLLECTIONS = 50

/** Logins, notes and SSH keys; folders and collections become tags. Cards and identities are items that say what they are. */
export function readBitwardenItems(file: unknown, budget: ImportBudget): readonly ImportedItem[] {
  const parsed = Export.safeParse(file)
  if (!parsed.success) throw refusedFile('it is not a JSON export of Bitwarden')
  const { items, folders, collections } = parsed.data
  const names = new Map<string, string>()
  for (const { id, name } of [...(folders ?? []), ...(collections ?? [])])
    if (id) names.set(id, cleanName(name))
  return items.map((one) => {
    budget.step()
    const item = Item.safeParse(one)
    const entry = item.success
      ? entryOf(item.data, names)
      : ({ protocol: 'generic', problem: 'bad-entry' } as const)
    return toItem(entry, budget)
  })
}

function entryOf(item: Item, names: ReadonlyMap<string, string>): FoundEntry {
  const name = item.name ?? undefined
  if (item.deletedDate) return { name, protocol: 'generic', problem: 'recycle-bin' }
  const isTaken = Object.values(kinds).some((kind) => kind === item.type)
  if (!isTaken) return { name, protocol: 'generic', problem: 'not-a-sign-in' }
  return {
    name,
    ...signInOf(item),
    comment: item.notes ?? undefined,
    tags: tagsOf(item, names),
    extras: extrasOf(item),
    notes: leftOut(item),
  }
}

function tagsOf({ folderId, collectionIds }: Item, names: ReadonlyMap<string, string>): readonly string[] {
  const ids = new Set([folderId, ...(collectionIds ?? []).slice(0, MAX_COLLECTIONS)])
  return [...ids].flatMap((id) => names.get(id ?? '') ?? [])
}

function signInOf({ login, sshKey }: Item): FoundEntry {
  const target = readServerUrl(addressOf(login?.uris ?? []))
  const privateKey = sshKey?.privateKey ?? undefined
  return {
    ...target,
    user: login?.username ?? target.user,
    password: login?.password ?? undefined,
    privateKey,
  }
}

function leftOut({ passwordHistory, login }: Item): readonly ImportNote[] {
  const notes: ImportNote[] = []
  if ((passwordHistory?.length ?? 0) > 0) notes.push('history-left-out')
  // A passkey belongs to a browser: nothing that syncs files could use it.
  if ((login?.fido2Credentials?.length ?? 0) > 0) notes.push('passkey-left-out')
  return notes
}

/** The first address that names a server, else the first. */
function addressOf(uris: readonly { uri?: string | null | undefined }[]): string | undefined {
  const addresses = uris.slice(0, MAX_ADDRESSES).flatMap(({ uri }) => uri ?? [])
  return addresses.find((address) => readServerUrl(address).protocol !== 'generic') ?? addresses[0]
}

function extrasOf({ login, fields }: Item): readonly ExtraField[] {
  const extras: ExtraField[] = []
  const taken = addressOf(login?.uris ?? [])
  const others = new Set((login?.uris ?? []).flatMap(({ uri }) => (uri && uri !== taken ? uri : [])))
  for (const value of others) extras.push({ name: 'address', value })
  if (login?.totp) extras.push({ name: 'totp', value: login.totp })
  for (const { name, value, type } of fields ?? [])
    if (value && type !== LINKED) extras.push({ name: name ?? '', value })
  return extras
}
