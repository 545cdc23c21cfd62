import { AppError } from '../../model/app-error.ts'
import { readDeviceMemory } from './device-memory.ts'
import { writeIndex } from './record-index.ts'
import type { Session } from './session.ts'
import { INDEX_DELAY_MS, INDEX_WORTH_RECORDS } from './vault-limits.ts'
import type { VaultPorts } from './vault-ports.ts'

/** Writes the index of decrypted lists behind a session's back, once enough of them had to be decrypted one by one. */
export type IndexKeeper = {
  /** To be told after each look at the records how many were decrypted for it. */
  note(session: Session, decrypted: number): void
}

export function createIndexKeeper(ports: VaultPorts): IndexKeeper {
  let decryptedSince = 0
  let isDue = false

  const write = async (session: Session): Promise<void> => {
    try {
      await ports.lock.hold('vault', async () => {
        // Else a lock has overtaken it; the next session notes the same records again.
        if (!session.isOpen()) return
        const { state } = await readDeviceMemory(ports)
        if (state.verified === session.cache.file?.sha256)
          await writeIndex(ports, session, session.cache.records, ports.pacer())
        // Another process has written since: under a key that is retired, or with what is erased, nothing may come back.
        else decryptedSince = INDEX_WORTH_RECORDS
      })
    } catch (error) {
      ports.log.info('vault.index-not-written', { code: error instanceof AppError ? error.code : 'internal' })
    }
  }
  return {
    note(session, decrypted) {
      decryptedSince += decrypted
      if (!ports.keepsIndex || isDue || decryptedSince < INDEX_WORTH_RECORDS) return
      isDue = true
      ports.clock.setTimer(INDEX_DELAY_MS, () => {
        isDue = false
        decryptedSince = 0
        void write(session)
      })
    },
  }
}
