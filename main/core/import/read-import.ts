import type { ImportFormat } from '../../model/import.ts'
import { readCsv } from './csv.ts'
import { readFileZilla } from './filezilla.ts'
import { decodeImport } from './import-text.ts'
import type { ImportContext, ImportedItem, ImportReader } from './imported-item.ts'
import { openRows } from './open-rows.ts'
import type { OpenParts } from './open-rows.ts'
import { readOpenSsh } from './openssh.ts'
import { readPortable } from './portable.ts'
import { isEncryptedRclone, readRclone } from './rclone.ts'
import { readScheme1 } from './scheme1.ts'
import { readWinScp } from './winscp.ts'

const readers: Readonly<Record<Exclude<ImportFormat, 'scheme1' | 'portable'>, ImportReader>> = {
  rclone: readRclone,
  openssh: readOpenSsh,
  filezilla: readFileZilla,
  winscp: readWinScp,
  csv: readCsv,
}

/** Whether the password of a file must be known before it is read. */
export function needsSourcePassword(format: ImportFormat, bytes: Uint8Array): boolean {
  if (format === 'rclone') return isEncryptedRclone(decodeImport(bytes))
  return format === 'scheme1' || format === 'portable'
}

/** Reads a file of any format. The caller wipes the items. Throws AppError and nothing else. */
export async function readImport(
  format: ImportFormat,
  bytes: Uint8Array,
  context: ImportContext,
  parts: OpenParts,
): Promise<readonly ImportedItem[]> {
  if (format === 'scheme1') return openRows(readScheme1(bytes, context.budget), context, parts)
  if (format === 'portable') return openRows(readPortable(bytes, context.budget), context, parts)
  return readers[format](bytes, context)
}
