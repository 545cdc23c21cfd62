import { AppError } from '../../model/app-error.ts'
import { toBase64Url, wipe } from '../crypto/bytes.ts'
import { proven } from './password-change.ts'
import { deriveSlotKey, entryOf } from './proofs.ts'
import type { Entry } from './proofs.ts'
import type { RecordEntry } from './record-file.ts'
import { resealRecords, stopIfCancelled } from './reseal.ts'
import { writeRevision } from './revisions.ts'
import { nextKdf } from './rewrap.ts'
import { createSession } from './session.ts'
import type { Session, SlotKey } from './session.ts'
import { saltHash, SLOT_IDS, wrapSlot } from './slots.ts'
import type { OpenableSlot, Slot } from './slots.ts'
import type { SlotKdf } from './kdfs.ts'
import { isoTime } from './transaction.ts'
import type { View } from './transaction.ts'
import type { RotateOptions } from './vault-api.ts'
import { changed } from './vault-errors.ts'
import { KEY_BYTES } from './vault-limits.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'

const REPORTS = 100

type Rotation = Omit<RotateOptions, 'proofs'> & { readonly signal: AbortSignal }

/** A slot that stays, with what it will be wrapped under: a fresh salt, and the key derived with it. */
type Kept = { readonly old: OpenableSlot; readonly kdf: SlotKdf; readonly kek: Uint8Array }

/**
 * Replaces the vault key: who has the old one, from an old copy of the file, reads nothing written from now on. All records are
 * sealed anew under the lock and written in one piece, and the older copies are replaced, so a kill at any instant leaves the
 * vault under the one key or under the other. Answers the session of the new key; the caller closes the old one. `proofs` stay
 * the caller's to wipe.
 */
export async function rotateKey(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
  { proofs, ...rotation }: RotateOptions & { readonly signal: AbortSignal },
): Promise<Session> {
  const entries: Entry[] = []
  let kept: readonly Kept[] = []
  const vaultKey = ports.random.bytes(KEY_BYTES)
  try {
    for (const proof of proofs) entries.push(entryOf(proof))
    return await ports.lock.hold('kdf', async () => {
      kept = await deriveAll(ports, store, session, { entries, rotation })
      const next = nextSession(session, vaultKey, kept)
      try {
        await store.replaceKey(session, next, (view) =>
          sealAnew(ports, session, view, { next, kept, rotation }),
        )
        return next
      } catch (error) {
        next.close()
        throw error
      }
    })
  } finally {
    wipe(vaultKey, ...kept.map(({ kek }) => kek))
    for (const entry of entries) entry.close()
  }
}

type Derive = { readonly entries: readonly Entry[]; readonly rotation: Rotation }

/** Proves every entry first, so that one wrong password costs no second derivation of another. */
async function deriveAll(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
  { entries, rotation }: Derive,
): Promise<readonly Kept[]> {
  const { slots } = (await store.view(session)).file.top
  refuseLostSlots(slots, entries, rotation.dropSlots)
  const proofs: { entry: Entry; old: OpenableSlot; elapsedMs: number }[] = []
  for (const entry of entries) {
    const { slot, elapsedMs } = await proven(ports, store, session, entry)
    proofs.push({ entry, old: slot, elapsedMs })
    stopIfCancelled(rotation.signal)
  }
  const kept: Kept[] = []
  try {
    for (const { entry, old, elapsedMs } of proofs) {
      const kdf = nextKdf(ports, old, elapsedMs)
      kept.push({ old, kdf, kek: await deriveSlotKey(ports, entry, kdf.kdf, SLOT_IDS[entry.type]) })
      stopIfCancelled(rotation.signal)
    }
    return kept
  } catch (error) {
    wipe(...kept.map(({ kek }) => kek))
    throw error
  }
}

/**
 * Throws AppError('slots-left') for slots nobody decided about, ('last-slot') when no password is among those that stay, and
 * ('bad-request') for two proofs of one slot: it would be written twice, and no reader takes such a file.
 */
function refuseLostSlots(
  slots: readonly Slot[],
  entries: readonly Entry[],
  dropSlots: readonly string[],
): void {
  const given = new Set(entries.map(({ type }): string => type))
  if (given.size < entries.length)
    throw new AppError('bad-request', 'rotation: two proofs of one slot', { details: { field: 'proofs' } })
  const left = slots.filter(({ id, type }) => !given.has(type) && !dropSlots.includes(id))
  if (left.length > 0) {
    const ids = left.map(({ id }) => id).join(', ')
    throw new AppError('slots-left', 'rotation: slots without a proof', { details: { slots: ids } })
  }
  if (!entries.some(({ type }) => type !== 'recovery'))
    throw new AppError('last-slot', 'rotation: no password would be left')
}

function nextSession(session: Session, vaultKey: Uint8Array, kept: readonly Kept[]): Session {
  const { vault, vkGen, dev } = session
  const inHand = session.slotKey()
  const same = kept.find(({ old }) => old.slot.id === inHand.slot) ?? kept[0]
  const slotKey: SlotKey =
    same === undefined
      ? inHand
      : { slot: SLOT_IDS[same.old.type], saltHash: saltHash(same.kdf), kek: same.kek }
  return createSession({ vault, vkGen: vkGen + 1, dev, vaultKey, slotKey })
}

type Sealing = { readonly next: Session; readonly kept: readonly Kept[]; readonly rotation: Rotation }

/** What the file holds under the new key. Runs under the lock, on the file just read. */
async function sealAnew(
  ports: VaultPorts,
  session: Session,
  { file }: View,
  { next, kept, rotation }: Sealing,
): Promise<{ records: ReadonlyMap<string, RecordEntry>; slots: readonly Slot[] }> {
  const { random } = ports
  const { signal, dropSlots, onProgress = () => {} } = rotation
  const decided = new Set([...kept.map(({ old }) => old.slot.sum)])
  if (file.top.slots.some(({ sum, id }) => !decided.has(sum) && !dropSlots.includes(id)))
    throw changed('slots replaced meanwhile')
  const total = file.records.size
  const step = Math.max(1, Math.floor(total / REPORTS))
  const records = await resealRecords(file.records, {
    from: session.vaultKey(),
    to: next.vaultKey(),
    gen: next.vkGen,
    scope: 'record',
    vault: session.vault,
    random,
    pacer: ports.pacer(),
    onRecord(done) {
      stopIfCancelled(signal)
      // A lock in between has zeroed the key that is read with.
      session.vaultKey()
      if (done % step === 0 && done < total) onProgress({ done, total })
    },
  })
  const retired = retiredKey(ports, session, next)
  records.set(retired.record.id, retired)
  stopIfCancelled(signal)
  onProgress({ done: total, total })
  const slots = kept.map(({ old, kdf, kek }) =>
    wrapSlot(kek, next.vaultKey(), kdf, { random, type: old.type, replaces: old.slot }),
  )
  return { records, slots }
}

/** The old key as a record under the new one: device data of computers that are away is sealed with it. */
function retiredKey({ random, clock }: VaultPorts, session: Session, next: Session): RecordEntry {
  const now = isoTime(clock)
  const title = `vault key ${session.vkGen}`
  const meta = { _v: 1, _kind: 'retired-key', title, created: now, changed: now }
  const secret = { _v: 1, fields: { key: toBase64Url(session.vaultKey()) } }
  const { vault, dev, vkGen: gen } = next
  const writer = { scope: 'record', vaultKey: next.vaultKey(), vault, dev, gen, random } as const
  return writeRevision(writer, null, { id: random.uuid(), rev: 1 }, { meta, secret })
}
