import type { ImportNote } from '../../model/import.ts'
import { equalBytes, fromHex, joinBytes, wipe } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/sha256.ts'
import { sha512 } from '../crypto/sha512.ts'
import { chaCha20, salsa20 } from '../crypto/stream-ciphers.ts'
import { MAX_IMPORT_STEPS } from './import-budget.ts'
import { refusedFile } from './import-errors.ts'
import { decodeBase64, decodeImport } from './import-text.ts'
import { cleanName, toItem, wipeItems } from './imported-item.ts'
import type { FoundEntry } from './found-entry.ts'
import type { ImportBudget } from './import-budget.ts'
import type { ImportContext, ImportedItem } from './imported-item.ts'
import type { InnerStream } from './kdbx-header.ts'
import { isPrivateKey, isSealedKey } from './private-key.ts'
import { readServerUrl } from './server-url.ts'
import { attributeOf, childOf, readXml } from './xml.ts'
import type { XmlElement } from './xml.ts'

/** A database after its outer encryption. */
export type KdbxDatabase = {
  /** Everything else lies in it; its owner wipes it. */
  readonly inflated: Uint8Array
  readonly xml: Uint8Array
  readonly stream: InnerStream
  readonly attachments: readonly Uint8Array[]
  /** What version 3 repeats inside, because its header has no MAC. */
  readonly headerHash: Uint8Array | null
}

const MAX_XML_BYTES = 64 * 1024 * 1024
/** Ten thousand entries as KeePassXC writes them have a third of that, their older versions not counted. */
const MAX_XML_PIECES = MAX_IMPORT_STEPS
/** Of all entries and their older versions. */
const MAX_PROTECTED = 200_000
const MAX_KEY_BYTES = 65_536
/** One attachment may be named by every entry, and each gets a copy. */
const MAX_ALL_KEYS_BYTES = 16 * 1024 * 1024
/** A sign-in has fewer; a text of separators alone would be a list of millions. */
const MAX_TAGS = 1000
const SALSA_NONCE = fromHex('e830094b97205d2a')
/** Half of a database, and no part of a sign-in. */
const dropped = new Set([
  'Times',
  'AutoType',
  'CustomIcons',
  'CustomData',
  'DeletedObjects',
  'MemoryProtection',
  'IconID',
  'ForegroundColor',
  'BackgroundColor',
  'OverrideURL',
])
/** Older versions are half of a database that was used for years; only the length of what is protected in them matters. */
const bare = { name: 'History', attribute: 'Protected' }
const standard = new Set(['Title', 'UserName', 'Password', 'URL', 'Notes'])

/**
 * The entries of a database: groups and tags become tags, an attached private key comes along. Older versions of an entry are left out,
 * entries in the recycle bin are items that say so. Throws AppError('import-unreadable'); the caller wipes the items.
 */
export function readKdbxEntries(database: KdbxDatabase, context: ImportContext): readonly ImportedItem[] {
  const { budget } = context
  const text = decodeImport(database.xml, MAX_XML_BYTES)
  const options = { maxPieces: MAX_XML_PIECES, dropped, bare, isHidden: true, onElement: protectedCounter() }
  const root = readXml(text, budget, options)
  const top = root.name === 'KeePassFile' ? childOf(root, 'Root') : undefined
  const group = top === undefined ? undefined : childOf(top, 'Group')
  if (group === undefined) throw refusedFile('there is no database in it')
  const meta = childOf(root, 'Meta')
  checkHeaderHash(database, textOf(meta, 'HeaderHash'))
  const values = openValues(root, database.stream)
  const isBinOn = textOf(meta, 'RecycleBinEnabled').toLowerCase() !== 'false'
  const walk: Walk = {
    values,
    attachments: database.attachments,
    bin: isBinOn ? textOf(meta, 'RecycleBinUUID') : '',
    budget,
    items: [],
    keyBytes: 0,
  }
  try {
    walkGroup(group, { tags: [], isInBin: false }, walk)
    return walk.items
  } catch (error) {
    wipeItems(walk.items)
    throw error
  } finally {
    values.wipe()
  }
}

type Walk = {
  readonly values: Values
  readonly attachments: readonly Uint8Array[]
  readonly bin: string
  readonly budget: ImportBudget
  readonly items: ImportedItem[]
  /** Of the attached keys that were copied. */
  keyBytes: number
}

type Place = { readonly tags: readonly string[]; readonly isInBin: boolean }

function walkGroup(group: XmlElement, place: Place, walk: Walk): void {
  for (const child of group.children) {
    // At once, so that a million entries are refused at the ten thousandth.
    if (child.name === 'Entry') walk.items.push(toItem(entryOf(child, place, walk), walk.budget))
    else if (child.name === 'Group')
      walkGroup(
        child,
        {
          tags: [...place.tags, cleanName(textOf(child, 'Name'))],
          isInBin: place.isInBin || (walk.bin !== '' && textOf(child, 'UUID') === walk.bin),
        },
        walk,
      )
  }
}

function entryOf(entry: XmlElement, place: Place, walk: Walk): FoundEntry {
  const strings = stringsOf(entry)
  const text = (key: string): string | undefined => walk.values.text(strings.get(key))
  const target = readServerUrl(text('URL'))
  if (place.isInBin) return { name: text('Title'), ...target, user: text('UserName'), problem: 'recycle-bin' }
  const privateKey = privateKeyOf(entry, walk)
  const password = walk.values.secret(strings.get('Password'))
  const takesKey = target.protocol === 'sftp' || target.protocol === 'generic'
  const isForKey = takesKey && privateKey !== undefined && isSealedKey(privateKey)
  const history = childOf(entry, 'History')
  const notes: ImportNote[] = (history?.children.length ?? 0) > 0 ? ['history-left-out'] : []
  return {
    name: text('Title'),
    ...target,
    user: text('UserName') ?? target.user,
    privateKey,
    // Programs that lend such keys to an agent keep the phrase of the key where others keep the password.
    ...(isForKey ? { passphrase: password } : { password }),
    comment: text('Notes'),
    tags: [...place.tags, ...textOf(entry, 'Tags').split(/[;,]/, MAX_TAGS)],
    extras: [...strings]
      .filter(([key]) => !standard.has(key))
      .map(([name, value]) => ({
        name,
        value: walk.values.secret(value) ?? '',
        isSecret: isProtected(value),
      })),
    notes,
  }
}

function stringsOf(entry: XmlElement): ReadonlyMap<string, XmlElement> {
  const strings = new Map<string, XmlElement>()
  for (const child of entry.children) {
    const value = child.name === 'String' ? childOf(child, 'Value') : undefined
    if (value !== undefined) strings.set(textOf(child, 'Key'), value)
  }
  return strings
}

/** The first attachment that is one. */
function privateKeyOf(entry: XmlElement, walk: Walk): Uint8Array | undefined {
  for (const child of entry.children) {
    const value = child.name === 'Binary' ? childOf(child, 'Value') : undefined
    const reference = value === undefined ? undefined : attributeOf(value, 'Ref')
    const bytes = walk.attachments[Number(reference ?? Number.NaN)]
    if (bytes === undefined || bytes.byteLength > MAX_KEY_BYTES || !isPrivateKey(bytes)) continue
    walk.keyBytes += bytes.byteLength
    if (walk.keyBytes > MAX_ALL_KEYS_BYTES)
      throw refusedFile('the keys attached in it are too large together')
    return Uint8Array.from(bytes)
  }
  return undefined
}

function checkHeaderHash({ headerHash }: KdbxDatabase, said: string): void {
  if (headerHash === null || said === '') return
  const hash = decodeBase64(said)
  if (hash === null || !equalBytes(hash, headerHash)) throw refusedFile('its header is damaged')
}

type Values = {
  text(value: XmlElement | undefined): string | undefined
  /** Bytes of a protected value are a copy for the caller; `null` is one that is not whole. */
  secret(value: XmlElement | undefined): string | Uint8Array | null | undefined
  wipe(): void
}

/** Protected values are one stream in the order of the document, older versions of entries included. */
function openValues(root: XmlElement, stream: InnerStream): Values {
  const places = new Map<XmlElement, { readonly start: number; readonly end: number } | null>()
  const sealed: Uint8Array[] = []
  let length = 0
  const collect = (element: XmlElement): void => {
    if (isProtected(element)) {
      const bytes = decodeBase64(element.text.trim())
      places.set(element, bytes === null ? null : { start: length, end: length + bytes.byteLength })
      if (bytes !== null) sealed.push(bytes)
      length += bytes?.byteLength ?? 0
    }
    for (const child of element.children) collect(child)
  }
  collect(root)
  const plain = decryptStream(joinBytes(sealed), stream)
  const secret: Values['secret'] = (value) => {
    if (value === undefined || !isProtected(value)) return value?.text
    const place = places.get(value)
    return place === undefined || place === null ? null : plain.slice(place.start, place.end)
  }
  return {
    secret,
    text(value) {
      const found = secret(value)
      if (found === undefined || typeof found === 'string') return found
      const decoded = new TextDecoder().decode(found ?? new Uint8Array())
      found?.fill(0)
      return decoded
    },
    wipe: () => wipe(plain),
  }
}

function isProtected(element: XmlElement): boolean {
  return attributeOf(element, 'Protected')?.toLowerCase() === 'true'
}

function protectedCounter(): (element: XmlElement) => void {
  let count = 0
  return (element) => {
    if (isProtected(element)) count += 1
    if (count > MAX_PROTECTED) throw refusedFile('it has too many protected values')
  }
}

function decryptStream(sealed: Uint8Array, { id, key }: InnerStream): Uint8Array {
  if (id === 2) return salsa20(sha256(key), SALSA_NONCE, sealed)
  if (id !== 3) throw refusedFile('how it hides its passwords is not known')
  const whole = sha512(key)
  return chaCha20(whole.subarray(0, 32), whole.subarray(32, 44), sealed)
}

function textOf(element: XmlElement | undefined, name: string): string {
  return (element === undefined ? undefined : childOf(element, name))?.text.trim() ?? ''
}
