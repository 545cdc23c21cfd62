import { AppError } from '../../model/app-error.ts'
import { wipe } from '../crypto/bytes.ts'
import type { CallGate } from './call-gate.ts'
import type { VaultApi } from './vault-api.ts'

/**
 * The vault with a rotation kept apart from everything that uses the session: the key changes under it, and a call in between
 * would find a file it cannot open, take that for another process's doing and lock the vault.
 */
export function gatedVault(vault: VaultApi, { beside, alone }: CallGate): VaultApi {
  return {
    ...gatedRotation(vault, alone),

    // These must not wait: they stop what the others wait for, or need no session.
    lock: () => vault.lock(),
    status: () => vault.status(),
    deviceId: () => vault.deviceId(),
    init: (password, options) => vault.init(password, options),
    unlock: (input, options) => vault.unlock(input, options),
    restore: (generation) => vault.restore(generation),
    setAside: () => vault.setAside(),

    changePassword: (...args) => beside(() => vault.changePassword(...args)),
    prepareRecoveryKey: () => beside(() => vault.prepareRecoveryKey()),
    addRecoveryKey: (...args) => beside(() => vault.addRecoveryKey(...args)),
    newKeyFile: () => beside(() => vault.newKeyFile()),
    setKeyFile: (...args) => beside(() => vault.setKeyFile(...args)),
    removeSlot: (...args) => beside(() => vault.removeSlot(...args)),
    confirmPassword: (proof) => beside(() => vault.confirmPassword(proof)),
    exportFile: () => beside(() => vault.exportFile()),
    exportCacheableKey: () => beside(() => vault.exportCacheableKey()),
    verify: (options) => beside(() => vault.verify(options)),
    settings: () => beside(() => vault.settings()),
    changeSettings: (patch) => beside(() => vault.changeSettings(patch)),
    listCredentials: () => beside(() => vault.listCredentials()),
    addCredential: (...args) => beside(() => vault.addCredential(...args)),
    addCredentials: (drafts) => beside(() => vault.addCredentials(drafts)),
    editCredential: (...args) => beside(() => vault.editCredential(...args)),
    removeCredential: (id) => beside(() => vault.removeCredential(id)),
    revealSecret: (...args) => beside(() => vault.revealSecret(...args)),
    listRevisions: (id) => beside(() => vault.listRevisions(id)),
    revealRevision: (...args) => beside(() => vault.revealRevision(...args)),
    restoreRevision: (...args) => beside(() => vault.restoreRevision(...args)),
    purgeRevisions: (id) => beside(() => vault.purgeRevisions(id)),
    noteAudit: (note) => beside(() => vault.noteAudit(note)),
    auditEntries: (query) => beside(() => vault.auditEntries(query)),
    epoch: () => beside(() => vault.epoch()),
    listJobs: () => beside(() => vault.listJobs()),
    addJob: (draft) => beside(() => vault.addJob(draft)),
    editJob: (...args) => beside(() => vault.editJob(...args)),
    removeJob: (id) => beside(() => vault.removeJob(id)),
    deviceLabels: () => beside(() => vault.deviceLabels()),
    grantJob: (...args) => beside(() => vault.grantJob(...args)),
    grantCredential: (...args) => beside(() => vault.grantCredential(...args)),
    grantDraft: (...args) => beside(() => vault.grantDraft(...args)),
  }
}

/** A rotation that still waits for others is not known to the vault, which would have nothing to cancel. */
function gatedRotation(
  vault: VaultApi,
  alone: CallGate['alone'],
): Pick<VaultApi, 'rotateKey' | 'cancelRotation'> {
  let cancels = 0
  return {
    rotateKey(options) {
      const before = cancels
      return alone(async () => {
        if (before === cancels) return vault.rotateKey(options)
        // The vault has never heard of it, so its proofs are nobody else's to wipe.
        wipe(...options.proofs.flatMap((proof) => Object.values(proof)))
        throw new AppError('cancelled', 'rotation: cancelled while it waited')
      })
    },
    cancelRotation() {
      cancels += 1
      return vault.cancelRotation()
    },
  }
}
