import * as z from 'zod'
import { DeviceId, Uuid } from '../../model/ids.ts'
import type { Pacer } from './pacer.ts'
import { openRecordFile } from './record-file.ts'
import type { RecordFile } from './record-file.ts'
import { Counter } from './record-schema.ts'
import { damaged } from './vault-errors.ts'
import { checkVersion } from './vault-file.ts'
import { FORMAT_VERSION } from './vault-limits.ts'

/** Top-level fields of device/local.json: the layout of vault.json without slots. */
export const LocalTop = z.looseObject({
  format: z.literal('fernsync-local'),
  version: z.literal(FORMAT_VERSION),
  minReader: z.int().min(0).max(FORMAT_VERSION),
  vault: Uuid,
  epoch: Counter,
  dev: DeviceId,
})
export type LocalTop = z.infer<typeof LocalTop>

export type LocalFile = RecordFile & { readonly top: LocalTop }

/** Reads local.json as far as no key is needed. Throws AppError('vault-newer') and AppError('vault-damaged'). */
export async function readLocalFile(bytes: Uint8Array, pacer: Pacer, sha256: string): Promise<LocalFile> {
  const { top, mac, records } = openRecordFile(bytes, checkTop)
  return { top, mac, records: await records(pacer), sha256 }
}

function checkTop(raw: Readonly<Record<string, unknown>>): LocalTop {
  checkVersion('fernsync-local', FORMAT_VERSION, raw)
  const parsed = LocalTop.safeParse(raw)
  if (!parsed.success) throw damaged('local header of another shape', parsed.error)
  return parsed.data
}
