import { join } from 'node:path'
import { openParentChannel } from '../adapters/child-channel.ts'
import { createNodeVault } from '../adapters/node-vault.ts'
import { createThreadedDerive } from '../adapters/threaded-derive.ts'
import type { LogFields, Logger } from '../core/ports/logger.ts'
import type { VaultMessage } from '../core/vault/vault-protocol.ts'
import { protectProcess } from './protect-process.ts'
import { serveVault } from './serve-vault.ts'

/**
 * The process that hosts the unlocked vault: derivation, records, grants. It exists only while unlocked; ending it is what
 * locking means. Its home folder comes in FERNSYNC_HOME, everything else by messages.
 */
protectProcess()
const home = process.env['FERNSYNC_HOME']
if (home === undefined) throw new Error('vault process: FERNSYNC_HOME is missing')
const channel = openParentChannel()

const send = (level: keyof Logger) => {
  return (event: string, fields: LogFields = {}): void => {
    const message: VaultMessage = { type: 'log', level, event, fields: { ...fields } }
    channel.post(message)
  }
}
const log: Logger = { info: send('info'), warn: send('warn'), error: send('error') }
const derive = createThreadedDerive(join(import.meta.dirname, 'derive-thread.js'))
/** Long enough for the answer to leave. */
const farewellMs = 50

serveVault(channel, createNodeVault({ home, log, derive, keepsIndex: true }), () => {
  setTimeout(() => process.exit(0), farewellMs)
})
