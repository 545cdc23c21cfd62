import { AppError } from '../../model/app-error.ts'
import type { CheckProgress, VaultCheck } from '../../model/vault-check.ts'
import { wipe } from '../crypto/bytes.ts'
import { commonGen, findFiles, topWithSlots } from './check-files.ts'
import type { FoundFiles } from './check-files.ts'
import { checkVault } from './check-vault.ts'
import { readDeviceMemory } from './device-memory.ts'
import { absence } from './presence.ts'
import { repairVault } from './repair.ts'
import { createSession } from './session.ts'
import type { Session } from './session.ts'
import { attempt, entryOf, slotFor, withoutThrottle, wrongPassword } from './proofs.ts'
import type { Entry, OpenedSlot } from './proofs.ts'
import { saltHash, slotsHash } from './slots.ts'
import { refuseSlow } from './unlock.ts'
import type { SlotProof, VerifyOptions } from './vault-api.ts'
import { changed, locked } from './vault-errors.ts'
import type { VaultTop } from './vault-file.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'

const ATTEMPTS = 3

/**
 * Checks the whole vault and repairs it when told to. With a session its key is used, else `proof` opens a slot: of vault.json
 * where that is sound, else of a copy. Throws as `unlock` does for a proof; damage is an answer, not an error. Wipes the proof.
 */
export async function verifyVault(
  ports: VaultPorts,
  store: VaultStore,
  open: Session | null,
  { proof, repair, allowSlowKdf, onProgress = () => {} }: VerifyOptions,
): Promise<VaultCheck> {
  let session: Session | null = null
  try {
    session = open ?? (await ports.lock.hold('kdf', () => openByProof(ports, store, proof, allowSlowKdf)))
    return await checkOnce(ports, store, session, { repair, onProgress })
  } finally {
    if (proof !== null) wipe(...Object.values(proof))
    if (open === null) session?.close()
  }
}

type CheckOptions = { readonly repair: boolean; readonly onProgress: (progress: CheckProgress) => void }

/** A check takes longer than the lock may be held; if another process wrote meanwhile, what was found is about the past. */
async function checkOnce(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
  { repair, onProgress }: CheckOptions,
): Promise<VaultCheck> {
  for (let round = 1; round <= ATTEMPTS; round += 1) {
    const { state: device } = await readDeviceMemory(ports)
    const files = await store.exclusive(() => findFiles(ports))
    refuseReplacedKey(session, files)
    const checked = await checkVault(ports, session, { device, files }, onProgress)
    if (!repair || checked.report.ok) return checked.report
    const report = await repairVault(ports, store, session, { files, checked })
    if (report !== null) return report
  }
  throw new AppError('busy', 'repair vault: other processes keep writing')
}

/**
 * A session may be of a key that another process has replaced meanwhile: it would take every record for damage, and a repair would
 * write a vault that no key opens. The records are asked, because one number of a damaged file may be wrong.
 */
function refuseReplacedKey(session: Session, files: FoundFiles): void {
  if (commonGen(files, session.vkGen) <= session.vkGen) return
  session.close()
  throw locked()
}

async function openByProof(
  ports: VaultPorts,
  store: VaultStore,
  proof: SlotProof | null,
  allowSlowKdf: boolean,
): Promise<Session> {
  if (proof === null) throw new AppError('locked', 'verify: no password')
  const memory = await readDeviceMemory(ports)
  const files = await store.exclusive(() => findFiles(ports))
  if (files.vault === null && files.copies.length === 0) throw await absence(ports.files, memory)
  const device = memory.kind === 'known' ? memory.state : await store.updateDevice((fresh) => fresh)
  const top = topWithSlots(device, files)
  const entry = entryOf(proof)
  const opened = await tryEntry(ports, store, { entry, top, allowSlowKdf }).finally(() => entry.close())
  // A device that remembers no slots cannot tell that these are others.
  const isKnown = device.slots === null || device.slots === slotsHash(top.slots)
  if (opened === null) throw isKnown ? wrongPassword() : changed('slots')
  await store.updateDevice(withoutThrottle)
  try {
    const { vault } = top
    const vkGen = commonGen(files, top.vkGen)
    const slotKey = { slot: opened.slot.slot.id, saltHash: saltHash(opened.slot), kek: opened.kek }
    return createSession({ vault, vkGen, dev: device.device, vaultKey: opened.vaultKey, slotKey })
  } finally {
    wipe(opened.kek, opened.vaultKey)
  }
}

type Try = { readonly entry: Entry; readonly top: VaultTop; readonly allowSlowKdf: boolean }

async function tryEntry(
  ports: VaultPorts,
  store: VaultStore,
  { entry, top, allowSlowKdf }: Try,
): Promise<OpenedSlot | null> {
  const slot = slotFor(top.slots, entry)
  if (!allowSlowKdf) await refuseSlow(ports, slot)
  return attempt(ports, store, { slot, entry })
}
