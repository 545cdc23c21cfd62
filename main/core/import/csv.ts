import type { CsvRecord } from './csv-table.ts'
import { readCsvTable } from './csv-table.ts'
import { refusedFile } from './import-errors.ts'
import { decodeImport } from './import-text.ts'
import { toItem } from './imported-item.ts'
import type { ImportReader } from './imported-item.ts'

/** Other names that tables of password managers give to the columns. */
const columns = {
  name: ['name', 'title', 'label', 'site'],
  protocol: ['protocol', 'type', 'scheme'],
  host: ['host', 'hostname', 'server', 'address', 'ip'],
  port: ['port'],
  user: ['user', 'username', 'login', 'loginname'],
  password: ['password', 'pass', 'secret'],
  privateKey: ['privatekey'],
  passphrase: ['passphrase', 'keypassphrase'],
  keyFile: ['keyfile', 'identityfile'],
} as const
type Column = keyof typeof columns

/**
 * A table with a line per sign-in: `name,protocol,host,port,user,password,privateKey,passphrase,keyFile`, in any order, of
 * which `host` is needed. A record without a protocol is SFTP.
 */
export const readCsv: ImportReader = (bytes, { budget }) => {
  const records = readCsvTable(decodeImport(bytes), budget)
  const first = records[0]
  if (first !== undefined && !columns.host.some((column) => first.values.has(column)))
    throw refusedFile('there is no column "host"', 1)
  return records.map((record) =>
    toItem(
      {
        name: valueOf(record, 'name'),
        protocol: protocolOf(valueOf(record, 'protocol')),
        host: valueOf(record, 'host'),
        port: valueOf(record, 'port'),
        user: valueOf(record, 'user'),
        keyFile: valueOf(record, 'keyFile'),
        password: valueOf(record, 'password'),
        privateKey: valueOf(record, 'privateKey'),
        passphrase: valueOf(record, 'passphrase'),
      },
      budget,
    ),
  )
}

function valueOf({ values }: CsvRecord, column: Column): string | undefined {
  const name = columns[column].find((each) => values.has(each))
  return name === undefined ? undefined : values.get(name)
}

/** `ssh` and `scp` name the same server and the same sign-in. */
export function protocolOf(text: string | undefined): string {
  const name = text?.trim().toLowerCase() ?? ''
  return name === '' || name === 'ssh' || name === 'scp' ? 'sftp' : name
}
