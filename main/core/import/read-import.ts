import type { ImportFormat } from '../../model/import.ts'
import { isEncryptedBitwarden, readBitwarden } from './bitwarden.ts'
import { readCsv } from './csv.ts'
import { readCyberduck } from './cyberduck.ts'
import { readFileZilla } from './filezilla.ts'
import { decodeImport } from './import-text.ts'
import type { ImportContext, ImportedItem, ImportReader } from './imported-item.ts'
import { readKdbx } from './kdbx.ts'
import { readOwnJson } from './own-json.ts'
import { openRows } from './open-rows.ts'
import type { OpenParts } from './open-rows.ts'
import { readOpenSsh } from './openssh.ts'
import { readPortable } from './portable.ts'
import { isEncryptedRclone, readRclone } from './rclone.ts'
import { readScheme1 } from './scheme1.ts'
import { readWinScp } from './winscp.ts'

/** Readers of files that are in clear, or whose sealing costs nothing to open. */
const readers = {
  rclone: readRclone,
  openssh: readOpenSsh,
  filezilla: readFileZilla,
  winscp: readWinScp,
  cyberduck: readCyberduck,
  json: readOwnJson,
  csv: readCsv,
} as const satisfies Partial<Record<ImportFormat, ImportReader>>

/** Whether the password of a file, or for `kdbx` its key file, must be known before it is read. */
export function needsSourcePassword(format: ImportFormat, bytes: Uint8Array): boolean {
  if (format === 'rclone') return isEncryptedRclone(decodeImport(bytes))
  if (format === 'bitwarden') return isEncryptedBitwarden(decodeImport(bytes))
  return format === 'scheme1' || format === 'portable' || format === 'kdbx'
}

/** Reads a file of any format. The caller wipes the items. Throws AppError and nothing else. */
export async function readImport(
  format: ImportFormat,
  bytes: Uint8Array,
  context: ImportContext,
  parts: OpenParts,
): Promise<readonly ImportedItem[]> {
  switch (format) {
    case 'scheme1':
      return openRows(readScheme1(bytes, context.budget), context, parts)
    case 'portable':
      return openRows(readPortable(bytes, context.budget), context, parts)
    case 'bitwarden':
      return readBitwarden(bytes, context, parts)
    case 'kdbx':
      return readKdbx(bytes, context, parts)
    default:
      return readers[format](bytes, context)
  }
}
