import { fileDigest } from './record-file.ts'
import type { Session } from './session.ts'
import { MAX_FILE_BYTES } from './vault-limits.ts'
import { VAULT_PATH } from './vault-ports.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'
import { changed } from './vault-errors.ts'

/** vault.json as it is on the disk, verified with the session's key. Throws `vault-*`. */
export function exportVaultFile(
  { files }: VaultPorts,
  store: VaultStore,
  session: Session,
): Promise<Uint8Array> {
  return store.exclusive(async () => {
    const { file } = await store.view(session)
    const bytes = await files.read(VAULT_PATH, MAX_FILE_BYTES)
    if (bytes === null || (await fileDigest(bytes)) !== file.sha256) throw changed('while it was copied')
    return bytes
  })
}
