import { wipe } from '../core/crypto/bytes.ts'
import { pbkdf2HmacSha256 } from '../core/crypto/pbkdf2.ts'
import type { ExportedCredential } from '../core/export/exported-credential.ts'
import { plainCsv } from '../core/export/plain-csv.ts'
import { plainJson } from '../core/export/plain-json.ts'
import { portableCredential } from '../core/export/portable.ts'
import { normaliseNewPassword } from '../core/vault/password.ts'
import type { SlotProof, VaultApi } from '../core/vault/vault-api.ts'
import type { Credential, SecretValues } from '../model/credential.ts'
import { findByName } from './credential-service.ts'
import type { ServicePorts } from './service-ports.ts'

export type PlainFormat = 'json' | 'csv'

/** Where an export goes. */
export type ExportTarget = {
  /** Absolute. */
  readonly path: string
  /** Write over a file that is there; else AppError('bad-request'). */
  readonly replace: boolean
}

export type PortableSecrets = {
  readonly proof: SlotProof
  /** Of the file. */
  readonly password: Uint8Array
}

export type ExportService = {
  /** The vault file as it is, encrypted, verified before it is copied. */
  vault(target: ExportTarget): Promise<void>
  /**
   * Every credential in clear, after the master password once more: throws what `VaultApi.confirmPassword` throws. Wipes the proof.
   * Answers how many.
   */
  plain(format: PlainFormat, proof: SlotProof, target: ExportTarget): Promise<number>
  /**
   * One credential under a password of its own, after the master password once more: what is in the file outlives this vault and
   * its lock. Throws what `VaultApi.confirmPassword` throws, `password-too-short` and `password-invalid`. Wipes proof and password.
   */
  credential(idOrName: string, secrets: PortableSecrets, target: ExportTarget): Promise<Credential>
}

export function createExportService(ports: ServicePorts): ExportService {
  const { exportFiles, vault } = ports
  return {
    async vault({ path, replace }) {
      const api = vault.unlocked()
      await api.noteAudit({ event: 'exported', detail: 'vault' })
      const bytes = await api.exportFile()
      await exportFiles.write(path, bytes, { replace })
    },
    async plain(format, proof, { path, replace }) {
      const api = vault.unlocked()
      await api.confirmPassword(proof)
      const all: ExportedCredential[] = []
      let bytes: Uint8Array = new Uint8Array()
      try {
        const credentials = await api.listCredentials()
        await api.noteAudit({ event: 'exported', count: credentials.length, detail: format })
        for (const credential of credentials) all.push(await withSecrets(api, credential))
        bytes = format === 'json' ? plainJson(all) : plainCsv(all)
        await exportFiles.write(path, bytes, { replace })
        return all.length
      } finally {
        wipe(bytes, ...all.flatMap(({ secrets }) => Object.values(secrets)))
      }
    },
    async credential(idOrName, { proof, password }, { path, replace }) {
      try {
        const api = vault.unlocked()
        // First: it costs no attempt, and what comes to nothing is not written down as an export.
        wipe(normaliseNewPassword(password))
        await api.confirmPassword(proof)
        const found = findByName(await api.listCredentials(), idOrName, 'credential')
        await api.noteAudit({ event: 'exported', credentialId: found.id, detail: 'portable' })
        const credential = await withSecrets(api, found)
        const parts = { random: ports.random, derive: pbkdf2HmacSha256 }
        const bytes = await portableCredential(credential, password, parts).finally(() =>
          wipe(...Object.values(credential.secrets)),
        )
        await exportFiles.write(path, bytes, { replace })
        return found
      } finally {
        wipe(password, ...Object.values(proof))
      }
    },
  }
}

async function withSecrets(api: VaultApi, credential: Credential): Promise<ExportedCredential> {
  const { id, name, type, tags, expires, fields } = credential
  const secrets: SecretValues = {}
  for (const field of credential.secrets) secrets[field] = await api.revealSecret(id, field, 'export')
  return { name, type, tags, expires, fields, secrets }
}
