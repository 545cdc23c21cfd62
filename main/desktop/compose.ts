import { app } from 'electron'
import { createDbusSessionSignals } from '../adapters/dbus-session-signals.ts'
import { createGdbus } from '../adapters/gdbus.ts'
import { createNodeExportFiles } from '../adapters/node-export-files.ts'
import { openNodeHome } from '../adapters/node-home.ts'
import type { NodeHome } from '../adapters/node-home.ts'
import { createNodeKeyFiles } from '../adapters/node-key-files.ts'
import { nodeRandom } from '../adapters/node-random.ts'
import { createNodeUserFiles } from '../adapters/node-user-files.ts'
import { createProcessImporter } from '../adapters/process-importer.ts'
import { createProcessKeychain } from '../adapters/process-keychain.ts'
import { systemClock } from '../adapters/system-clock.ts'
import { startVaultProcess } from '../adapters/vault-process-host.ts'
import type { Handlers } from '../contract/calls.ts'
import { noSessionSignals } from '../core/ports/session-signals.ts'
import type { SessionSignals } from '../core/ports/session-signals.ts'
import { createAppServices } from '../services/app-services.ts'
import type { AppServices } from '../services/app-services.ts'
import { createHandlers } from '../services/handlers.ts'
import { createPreferenceStore } from '../services/preferences.ts'
import type { PreferenceStore } from '../services/preferences.ts'
import type { ServicePorts } from '../services/service-ports.ts'
import { createThreshold } from '../services/threshold.ts'
import type { Threshold } from '../services/threshold.ts'
import { createVaultHost } from '../services/vault-host.ts'
import type { OpenVault } from '../services/vault-host.ts'
import { createLoginItem } from './autostart.ts'
import { createElectronClipboard } from './electron-clipboard.ts'
import {
  createElectronNotifier,
  createElectronPower,
  electronFolderPicker,
  electronNetwork,
} from './electron-ports.ts'
import { createElectronWorkerHost } from './electron-worker-host.ts'

/** Everything the desktop runs on. */
export type Desktop = {
  readonly home: NodeHome
  readonly ports: ServicePorts
  readonly services: AppServices
  readonly preferences: PreferenceStore
  readonly handlers: Handlers
  readonly sessionSignals: SessionSignals
  readonly clipboard: ReturnType<typeof createElectronClipboard>
  readonly threshold: Threshold
}

export type ComposeOptions = {
  /** Home folder as given; opened here. */
  readonly homePath: string
  /** What was found when it was first looked at, before Electron was told of it. */
  readonly homeWarnings: readonly string[]
  /** Arguments of a start at login. */
  readonly loginArgs: readonly string[]
  /** Folder of main.js and the child entries. */
  readonly programFolder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly emit: ServicePorts['emit']
  readonly hasTray: () => boolean
}

export function composeDesktop(options: ComposeOptions): Desktop {
  const home = openNodeHome(options.homePath, 'app')
  const workerHost = createElectronWorkerHost(options.programFolder, options.environment)
  const openVault = (): OpenVault => {
    const api = startVaultProcess({ host: workerHost, home: home.path, log: home.log })
    return {
      api,
      end: () => api.end(),
      onGone: (listener) => {
        api.onGone(listener)
      },
    }
  }
  const keychainPorts = { workerHost, clock: systemClock, environment: options.environment }
  const ports: ServicePorts = {
    home: home.path,
    version: app.getVersion(),
    platform: process.platform,
    clock: systemClock,
    random: nodeRandom,
    log: home.log,
    network: electronNetwork,
    power: createElectronPower(),
    notifier: createElectronNotifier(),
    userFiles: createNodeUserFiles({
      agentSocket: options.environment['SSH_AUTH_SOCK'] ?? null,
      cwd: process.cwd(),
    }),
    workerHost,
    importer: createProcessImporter({ workerHost, clock: systemClock }),
    exportFiles: createNodeExportFiles({ home: home.path }),
    vault: createVaultHost(home.vault, openVault),
    keychain: {
      interactive: createProcessKeychain({ ...keychainPorts, patience: 'interactive' }),
      background: createProcessKeychain({ ...keychainPorts, patience: 'background' }),
    },
    store: home.store,
    leases: home.leases,
    removeJobData: (jobId) => home.removeJobData(jobId),
    emit: options.emit,
  }
  const services = createAppServices(ports, { schedules: true })
  const preferences = createPreferenceStore(home.settings)
  const clipboard = createElectronClipboard(process.platform)
  const { environment, loginArgs: args } = options
  const loginItem = createLoginItem({ platform: process.platform, environment, args })
  const threshold = createThreshold()
  const handlers = createHandlers({
    ports,
    desktop: { folderPicker: electronFolderPicker, keyFiles: createNodeKeyFiles(), clipboard, loginItem },
    services,
    preferences,
    warnings: [...new Set([...options.homeWarnings, ...home.warnings])],
    hasTray: options.hasTray,
    threshold,
  })
  const sessionSignals = createSessionSignals(home, options.environment)
  return { home, ports, services, preferences, handlers, sessionSignals, clipboard, threshold }
}

/** Elsewhere than on Linux Electron passes on a locked screen by itself. */
function createSessionSignals({ log }: NodeHome, environment: ComposeOptions['environment']): SessionSignals {
  if (process.platform !== 'linux') return noSessionSignals
  return createDbusSessionSignals({ gdbus: createGdbus(environment), clock: systemClock, log })
}
