import type { Logger } from '../core/ports/logger.ts'
import type { WorkerHost } from '../core/ports/worker-host.ts'
import { createVaultClient } from '../core/vault/vault-client.ts'
import type { VaultClient } from '../core/vault/vault-client.ts'

/** Starts the vault process of a home folder. Ending it is what locking means. */
export function startVaultProcess(options: {
  readonly host: WorkerHost
  /** Absolute path of the home folder. */
  readonly home: string
  readonly log: Logger
}): VaultClient {
  return createVaultClient(options.host.start('vault-process', { FERNSYNC_HOME: options.home }), options.log)
}
