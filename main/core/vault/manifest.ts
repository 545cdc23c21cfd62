import { equalBytes, fromHex, toHex, utf8, wipe } from '../crypto/bytes.ts'
import { contextInfo, hkdfSha256 } from '../crypto/hkdf.ts'
import { hmacSha256, sha256Hex } from '../crypto/sha256.ts'
import { canonicalJson } from './canonical-json.ts'
import type { RecordEntry, RecordFile } from './record-file.ts'
import { KEY_BYTES } from './vault-limits.ts'

const NO_SALT = new Uint8Array(0)

/** Which of our two record files a manifest belongs to; the key differs, and so does the first line. */
export type ManifestScope = { readonly kind: 'vault' } | { readonly kind: 'local'; readonly dev: string }

/** 32 bytes from the vault key; the caller wipes them. */
export function deriveManifestKey(vaultKey: Uint8Array, scope: ManifestScope): Uint8Array {
  const info =
    scope.kind === 'vault'
      ? contextInfo('fernsync/1', 'manifest')
      : contextInfo('fernsync/1', 'local-manifest', scope.dev)
  return hkdfSha256({ key: vaultKey, salt: NO_SALT, info, length: KEY_BYTES })
}

/**
 * The text the MAC covers: a title line, `top <key> <sha256(J(value))>` for every top-level field sorted by key, then
 * `rec <id> <sha256(J(record))>` sorted by id, each line ending in LF. So versions, slots, history and fields of newer programs
 * are covered, and another language can check it with a JSON library and SHA-256.
 */
export function manifestText(
  kind: ManifestScope['kind'],
  top: Readonly<Record<string, unknown>>,
  records: ReadonlyMap<string, RecordEntry>,
): string {
  let text = `fernsync/1 ${kind === 'vault' ? 'manifest' : 'local-manifest'}\n`
  for (const key of Object.keys(top).sort()) {
    text += `top ${key} ${sha256Hex(utf8(canonicalJson(top[key])))}\n`
  }
  // Piece by piece, which takes half the time that ten thousand lines and their joining do.
  for (const id of [...records.keys()].sort()) {
    text += 'rec '
    text += id
    text += ' '
    text += records.get(id)?.digest ?? ''
    text += '\n'
  }
  return text
}

/** Hex MAC of a file about to be written. */
export function manifestMac(
  manifestKey: Uint8Array,
  kind: ManifestScope['kind'],
  file: Pick<RecordFile, 'top' | 'records'>,
): string {
  return toHex(hmacSha256(manifestKey, utf8(manifestText(kind, file.top, file.records))))
}

const prepared = new WeakMap<RecordFile, Uint8Array>()

/** Makes the text that {@link isAuthentic} will need of this file, while the key it needs is still being derived. */
export function prepareManifest(kind: ManifestScope['kind'], file: RecordFile): void {
  prepared.set(file, utf8(manifestText(kind, file.top, file.records)))
}

/** True when the file is exactly what a holder of the vault key wrote. */
export function isAuthentic(manifestKey: Uint8Array, kind: ManifestScope['kind'], file: RecordFile): boolean {
  const text = prepared.get(file) ?? utf8(manifestText(kind, file.top, file.records))
  prepared.delete(file)
  const expected = hmacSha256(manifestKey, text)
  const authentic = equalBytes(expected, fromHex(file.mac))
  wipe(expected)
  return authentic
}
