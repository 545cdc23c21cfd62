import { fromBase64Url, wipe } from '../crypto/bytes.ts'
import { readLocalFile } from './local-file.ts'
import type { LocalFile } from './local-file.ts'
import { deriveManifestKey, isAuthentic } from './manifest.ts'
import { fileDigest } from './record-file.ts'
import type { RecordEntry } from './record-file.ts'
import { resealRecords } from './reseal.ts'
import type { Session } from './session.ts'
import { openSecret } from './transaction.ts'
import type { View } from './transaction.ts'
import { MAX_FILE_BYTES } from './vault-limits.ts'
import { LOCAL_PATH } from './vault-ports.ts'
import type { VaultPorts } from './vault-ports.ts'

/**
 * The records of local.json when it is still sealed under a vault key that a rotation has retired, sealed anew under the present
 * one; null when there is nothing to adopt. `view` is of the session's own vault and has not found device data it can use.
 */
export async function adoptedLocal(
  ports: VaultPorts,
  session: Session,
  view: View,
): Promise<ReadonlyMap<string, RecordEntry> | null> {
  if (view.local !== null || view.open.retiredKeys.length === 0) return null
  const bytes = await ports.files.read(LOCAL_PATH, MAX_FILE_BYTES)
  if (bytes === null) return null
  const file = await readLocalFile(bytes, ports.pacer(), await fileDigest(bytes))
  if (file.top.vault !== session.vault || file.top.dev !== session.dev) return null
  for (const { entry } of view.open.retiredKeys) {
    const key = fromBase64Url(openSecret(session, entry).fields['key'] ?? '')
    try {
      if (isSealedWith(key, file)) return await reseal(ports, session, key, file)
    } finally {
      wipe(key)
    }
  }
  return null
}

function isSealedWith(key: Uint8Array, file: LocalFile): boolean {
  const manifestKey = deriveManifestKey(key, { kind: 'local', dev: file.top.dev })
  const authentic = isAuthentic(manifestKey, 'local', file)
  wipe(manifestKey)
  return authentic
}

function reseal(
  { random, pacer }: VaultPorts,
  session: Session,
  from: Uint8Array,
  file: LocalFile,
): Promise<ReadonlyMap<string, RecordEntry>> {
  return resealRecords(file.records, {
    from,
    to: session.vaultKey(),
    gen: session.vkGen,
    scope: 'local',
    vault: session.vault,
    random,
    pacer: pacer(),
    onRecord: () => void session.vaultKey(),
  })
}
