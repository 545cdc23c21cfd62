import type { Clipboard } from '../core/ports/clipboard.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { FolderPicker } from '../core/ports/folder-picker.ts'
import type { KeyFiles } from '../core/ports/key-files.ts'
import type { ExportFiles } from '../core/ports/export-files.ts'
import type { Importer } from '../core/ports/importer.ts'
import type { Keychain } from '../core/ports/keychain.ts'
import type { Logger } from '../core/ports/logger.ts'
import type { LoginItem } from '../core/ports/login-item.ts'
import type { Network } from '../core/ports/network.ts'
import type { Notifier } from '../core/ports/notifier.ts'
import type { Power } from '../core/ports/power.ts'
import type { Random } from '../core/ports/random.ts'
import type { UserFiles } from '../core/ports/user-files.ts'
import type { WorkerHost } from '../core/ports/worker-host.ts'
import type { JobStore } from '../core/jobs/job-store.ts'
import type { Leases } from '../core/jobs/lease.ts'
import type { EventName, EventValue } from '../contract/events.ts'
import type { VaultHost } from './vault-host.ts'

/** Everything the use-cases need from outside. The desktop and the CLI differ in nothing else. */
export type ServicePorts = {
  readonly home: string
  readonly version: string
  readonly platform: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly network: Network
  readonly power: Power
  readonly notifier: Notifier
  readonly userFiles: UserFiles
  readonly workerHost: WorkerHost
  readonly importer: Importer
  readonly exportFiles: ExportFiles
  readonly vault: VaultHost
  /** `interactive` while a person waits and may answer a prompt of the system, `background` otherwise. */
  readonly keychain: { readonly interactive: Keychain; readonly background: Keychain }
  readonly store: JobStore
  readonly leases: Leases
  /** Removes baseline and stored plans of a job that is gone. */
  readonly removeJobData: (jobId: string) => Promise<void>
  readonly emit: <N extends EventName>(name: N, value: EventValue<N>) => void
}

/** What only a desktop has. */
export type DesktopPorts = {
  readonly folderPicker: FolderPicker
  readonly keyFiles: KeyFiles
  readonly clipboard: Clipboard
  readonly loginItem: LoginItem
}
