import { credentialTypeTable } from '../../model/credential-types.ts'
import type { SecretValues } from '../../model/credential.ts'
import { concatBytes, joinBytes, utf8, wipe } from '../crypto/bytes.ts'
import { hideFormula, isFormula, OWN_HEADER } from '../import/own-table.ts'
import { ownFieldNames } from '../import/own-credential.ts'
import { secretsJson } from './exported-credential.ts'
import type { ExportedCredential } from './exported-credential.ts'

const QUOTE = 0x22

/** All credentials in clear as a table (RFC 4180) in which no spreadsheet finds a formula. The caller wipes it. */
export function plainCsv(credentials: readonly ExportedCredential[]): Uint8Array {
  const rows = credentials.map(rowOf)
  const whole = joinBytes([utf8(`${OWN_HEADER.join(',')}\r\n`), ...rows])
  wipe(...rows)
  return whole
}

function rowOf({ name, type, tags, expires, fields, secrets }: ExportedCredential): Uint8Array {
  const named = new Set(credentialTypeTable[type].fields.map((field) => field.name))
  const free: SecretValues = Object.fromEntries(Object.entries(secrets).filter(([key]) => !named.has(key)))
  const more = Object.keys(free).length === 0 ? new Uint8Array() : secretsJson(free)
  const cells = [
    textCell(name),
    textCell(type),
    textCell(tags.length === 0 ? '' : JSON.stringify(tags)),
    textCell(expires ?? ''),
    ...ownFieldNames().map((key) => {
      const secret = named.has(key) ? secrets[key] : undefined
      return secret === undefined ? textCell(fields[key] ?? '') : bytesCell(secret)
    }),
    bytesCell(more),
  ]
  const comma = utf8(',')
  const row = joinBytes([...cells.flatMap((cell, at) => (at === 0 ? [cell] : [comma, cell])), utf8('\r\n')])
  wipe(more, ...cells)
  return row
}

function textCell(text: string): Uint8Array {
  const value = hideFormula(text)
  return utf8(value === '' ? '' : `"${value.replaceAll('"', '""')}"`)
}

function bytesCell(value: Uint8Array): Uint8Array {
  if (value.byteLength === 0) return new Uint8Array()
  const start = new TextDecoder('latin1').decode(firstBehindQuotes(value))
  const doubled = new Uint8Array(2 * value.byteLength)
  let at = 0
  for (const byte of value) {
    if (byte === QUOTE) doubled[at++] = QUOTE
    doubled[at++] = byte
  }
  const cell = concatBytes(utf8(isFormula(start) ? `"'` : '"'), doubled.subarray(0, at), utf8('"'))
  wipe(doubled)
  return cell
}

const APOSTROPHE = 0x27

/** The first byte that is no apostrophe. */
function firstBehindQuotes(value: Uint8Array): Uint8Array {
  const end = value.findIndex((byte) => byte !== APOSTROPHE)
  return end === -1 ? new Uint8Array() : value.subarray(end, end + 1)
}
