import type { CsvRecord } from './csv-table.ts'
import { readCsvTable } from './csv-table.ts'
import { refusedFile } from './import-errors.ts'
import { decodeImport } from './import-text.ts'
import type { ExtraField, FoundEntry } from './found-entry.ts'
import { toItem } from './imported-item.ts'
import type { ImportReader } from './imported-item.ts'
import { ownEntry, OWN_COLUMN } from './own-table.ts'
import { readServerUrl } from './server-url.ts'

/** Other names that tables of password managers give to the columns. */
const columns = {
  name: ['name', 'title', 'label', 'site'],
  protocol: ['protocol', 'type', 'scheme'],
  host: ['host', 'hostname', 'server', 'address', 'ip'],
  port: ['port'],
  user: ['user', 'username', 'login', 'loginname', 'loginusername'],
  password: ['password', 'pass', 'secret', 'loginpassword'],
  privateKey: ['privatekey'],
  passphrase: ['passphrase', 'keypassphrase'],
  keyFile: ['keyfile', 'identityfile'],
  url: ['url', 'uri', 'website', 'loginuri'],
  comment: ['notes', 'comment', 'comments'],
} as const
type Column = keyof typeof columns
const allColumns = Object.keys(columns) as Column[]

/**
 * A table with a line per sign-in: `name,protocol,host,port,user,password,privateKey,passphrase,keyFile,url,notes`, in any order, of which
 * `host` or `url` is needed. A record without a protocol is what its address says, else SFTP. Our own export is read back word for word.
 */
export const readCsv: ImportReader = (bytes, { budget }) => {
  const records = readCsvTable(decodeImport(bytes), budget)
  const first = records[0]
  if (first?.values.has(OWN_COLUMN) === true)
    return records.map(({ values }) => toItem(ownEntry(values), budget))
  if (first !== undefined && ![...columns.host, ...columns.url].some((column) => first.values.has(column)))
    throw refusedFile('there is no column "host"', 1)
  return records.map((record) => toItem(entryOf(record), budget))
}

function entryOf(record: CsvRecord): FoundEntry {
  const text = (column: Column): string | undefined => valueOf(record, column)
  // `login` is what password managers call every sign-in.
  const kind = text('protocol')?.trim().toLowerCase()
  const named = kind === 'login' ? '' : kind
  const target = readServerUrl(text('url'))
  const isAddress = (named ?? '') === '' && target.host !== undefined && (text('host') ?? '') === ''
  const place = isAddress
    ? target
    : { protocol: protocolOf(named), host: text('host'), port: text('port'), url: text('url') || undefined }
  return {
    ...place,
    name: text('name'),
    user: text('user') ?? target.user,
    keyFile: text('keyFile'),
    password: text('password'),
    privateKey: text('privateKey'),
    passphrase: text('passphrase'),
    comment: text('comment'),
    extras: extrasOf(record),
  }
}

function valueOf(record: CsvRecord, column: Column): string | undefined {
  const name = nameOf(record, column)
  return name === undefined ? undefined : record.values.get(name)
}

function nameOf({ values }: CsvRecord, column: Column): string | undefined {
  return columns[column].find((each) => values.has(each))
}

/** Columns that are none of ours hold somebody's data all the same: codes of a second factor, for one. */
function extrasOf(record: CsvRecord): readonly ExtraField[] {
  const known = new Set(allColumns.map((column) => nameOf(record, column)))
  return [...record.values]
    .filter(([name, value]) => !known.has(name) && value.trim() !== '')
    .map(([name, value]) => ({ name, value }))
}

/** `ssh` and `scp` name the same server and the same sign-in. */
export function protocolOf(text: string | undefined): string {
  const name = text?.trim().toLowerCase() ?? ''
  return name === '' || name === 'ssh' || name === 'scp' ? 'sftp' : name
}
