import * as z from 'zod'
import { DeviceId, Uuid } from '../../model/ids.ts'
import type { Pacer } from './pacer.ts'
import { fileDigest, openRecordFile, peekRecordFile } from './record-file.ts'
import type { OpenedRecordFile, RecordFile, RecordHead } from './record-file.ts'
import { Counter } from './record-schema.ts'
import { checkSlots, Slot } from './slots.ts'
import { damaged, newer } from './vault-errors.ts'
import { FORMAT_VERSION, MAX_SLOTS } from './vault-limits.ts'

/** Top-level fields of vault.json but `records` and `mac`. Unknown fields are kept. */
export const VaultTop = z.looseObject({
  format: z.literal('fernsync'),
  version: z.literal(FORMAT_VERSION),
  /** Oldest program that may open the file. */
  minReader: z.int().min(0).max(FORMAT_VERSION),
  vault: Uuid,
  /** Generation of the vault key. */
  vkGen: Counter,
  /** Lamport counter of the whole file. */
  epoch: Counter,
  /** Device that wrote it. */
  dev: DeviceId,
  /** Highest epoch this file knows of, by device. */
  seen: z.record(DeviceId, Counter),
  /** All slots are one register: in a merge the higher revision wins whole. */
  slotSet: z.looseObject({ rev: Counter, dev: DeviceId }),
  slots: z.array(Slot).max(MAX_SLOTS),
})
export type VaultTop = z.infer<typeof VaultTop>

export type VaultFile = RecordFile & { readonly top: VaultTop }
/** vault.json without its records: what the device's memory and the slots are compared with. */
export type VaultHead = Pick<VaultFile, 'top' | 'mac' | 'sha256'>

/**
 * Reads the top level of vault.json and checks it. Throws AppError('vault-newer') for a version of a newer program,
 * AppError('vault-damaged') for everything else.
 */
export function openVaultFile(bytes: Uint8Array): OpenedRecordFile<VaultTop> {
  return openRecordFile(bytes, checkTop)
}

/** The top level as its first and last line say, checked like all of it; null for another layout. Throws as {@link openVaultFile}. */
export function peekVaultFile(bytes: Uint8Array): RecordHead<VaultTop> | null {
  return peekRecordFile(bytes, checkTop)
}

/** All of vault.json, checked as far as that needs no key. Throws as {@link openVaultFile}. */
export async function readVaultFile(bytes: Uint8Array, pacer: Pacer): Promise<VaultFile> {
  const { top, mac, records } = openVaultFile(bytes)
  return { top, mac, records: await records(pacer), sha256: await fileDigest(bytes) }
}

/** Throws AppError('vault-newer' | 'vault-damaged') for a header that is none. */
export function checkTop(raw: Readonly<Record<string, unknown>>): VaultTop {
  checkVersion('fernsync', FORMAT_VERSION, raw)
  const parsed = VaultTop.safeParse(raw)
  if (!parsed.success) throw damaged('header of another shape', parsed.error)
  const top = parsed.data
  if (top.seen[top.dev] !== top.epoch) throw damaged('epoch and seen disagree')
  checkSlots(top.slots)
  return top
}

/** Refuses a file of a newer program before its shape is judged: it may lack what we require. */
export function checkVersion(format: string, version: number, raw: Readonly<Record<string, unknown>>): void {
  if (raw['format'] !== format) throw damaged('format')
  const isAbove = (value: unknown): boolean => typeof value === 'number' && value > version
  if (isAbove(raw['version']) || isAbove(raw['minReader'])) throw newer('version')
}
