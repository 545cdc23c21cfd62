import * as z from 'zod'
import { AppError } from '../../model/app-error.ts'
import { fromBase64Url, toBase64Url, wipe } from '../crypto/bytes.ts'
import type { AuditPlace } from './audit-chain.ts'
import { startAudit } from './audit-log.ts'
import { readDeviceMemory } from './device-memory.ts'
import type { RecordEntry } from './record-file.ts'
import type { SecretPayload } from './record-kinds.ts'
import type { Session } from './session.ts'
import { openSecret } from './transaction.ts'
import { KEY_BYTES } from './vault-limits.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'

/**
 * The key of the audit log is random and lies in the secret part of this device's own record. So it is no child of the vault key:
 * a password change or a new vault key re-wraps the record as any other, and old entries stay readable.
 */
const WithKey = z.looseObject({ audit: z.string().max(64) })

/** The secret part of a new device record, whose log is begun with it. */
export async function newAuditSecret(
  ports: Pick<VaultPorts, 'files' | 'random'>,
  { vault, dev }: Pick<AuditPlace, 'vault' | 'dev'>,
): Promise<SecretPayload> {
  const key = ports.random.bytes(KEY_BYTES)
  try {
    await startAudit(ports, { key, vault, dev })
    return { fields: {}, audit: toBase64Url(key) }
  } finally {
    wipe(key)
  }
}

/** Throws AppError('internal') when this device's record has no key. The caller wipes it. */
export async function findAuditPlace(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
): Promise<AuditPlace> {
  const { state } = await readDeviceMemory(ports)
  const { records } = session.cache.file ?? (await store.view(session)).file
  const key = keyIn(session, records.get(state.record ?? ''))
  if (key === null) throw new AppError('internal', 'audit: no key')
  return { key, vault: session.vault, dev: state.device }
}

/** Gives a vault of before, or one that has just come to this device, its key. Never throws: nobody is kept out for it. */
export async function ensureAuditKey(ports: VaultPorts, store: VaultStore, session: Session): Promise<void> {
  try {
    const { state } = await readDeviceMemory(ports)
    const { records } = session.cache.file ?? (await store.view(session)).file
    const key = keyIn(session, records.get(state.record ?? ''))
    if (key !== null) return wipe(key)
    await store.mutate(session, async (transaction) => {
      const { device, open } = transaction.view
      const own = open.devices.find(({ entry }) => entry.record.id === device.record)
      if (own === undefined) return
      const secret = openSecret(session, own.entry)
      if (WithKey.safeParse(secret).success) return
      const { vault } = session
      const added = await newAuditSecret(ports, { vault, dev: device.device })
      transaction.put(
        own,
        { _kind: 'device', title: own.meta.title, fields: own.meta.fields },
        { ...secret, ...added },
      )
    })
  } catch (error) {
    ports.log.warn('audit.no-key', { code: error instanceof AppError ? error.code : 'internal' })
  }
}

function keyIn(session: Session, entry: RecordEntry | undefined): Uint8Array | null {
  if (entry === undefined || entry.record.deleted === true) return null
  const parsed = WithKey.safeParse(openSecret(session, entry))
  return parsed.success ? fromBase64Url(parsed.data.audit) : null
}
