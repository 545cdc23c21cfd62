import { toHex, utf8 } from '../../../../main/core/crypto/bytes.ts'
import { sha256 } from '../../../../main/core/crypto/sha256.ts'
import { canonicalJson } from '../../../../main/core/vault/canonical-json.ts'

/** A vault file as an attacker sees it: every field may become anything. */
export type RawPart = { salt: string; token: string; note?: unknown }
export type RawRevision = {
  rev: number
  dev: string
  gen: number
  deleted?: boolean
  meta: RawPart
  secret?: RawPart
  note?: unknown
}
export type RawRecord = RawRevision & { id: string; hist: RawRevision[] }
export type RawSlot = {
  id: string
  type: string
  kdf: { name: string; salt: string; iterations: unknown }
  wrapped: string
  sum?: string
  note?: unknown
}
export type RawVault = {
  format: string
  version: number
  minReader: number
  vault: string
  vkGen: number
  epoch: number
  dev: string
  seen: Record<string, number>
  slotSet: { rev: number; dev: string; note?: unknown }
  slots: RawSlot[]
  records: RawRecord[]
  mac: string
  note?: unknown
}

/** The file of a test's own vault, so its shape is known. */
export function rawVault(text: string): RawVault {
  // A file that the vault under test has just written.
  return JSON.parse(text) as RawVault
}

/** The file after `edit`, written in another layout than ours, which must not matter. */
export function tampered(text: string, edit: (vault: RawVault) => void): string {
  const vault = rawVault(text)
  edit(vault)
  return JSON.stringify(vault, null, 1)
}

/** Makes a slot's checksum right again, as an attacker would. */
export function resum(slot: RawSlot): void {
  delete slot.sum
  slot.sum = toHex(sha256(utf8(canonicalJson(slot))).subarray(0, 8))
}

/** Raises the epoch as a writer would. */
export function raiseEpoch(vault: RawVault, by = 1): void {
  vault.epoch += by
  vault.seen[vault.dev] = vault.epoch
}

/** The element that must be there. */
export function at<T>(list: readonly T[], index: number): T {
  const found = list.at(index)
  if (found === undefined) throw new Error(`no element ${index}`)
  return found
}
