import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { traceOf } from '../adapters/error-trace.ts'
import { createNodeUserFiles } from '../adapters/node-user-files.ts'
import { createNodeExportFiles } from '../adapters/node-export-files.ts'
import { openNodeHome } from '../adapters/node-home.ts'
import { nodeRandom } from '../adapters/node-random.ts'
import { createNodeWorkerHost } from '../adapters/node-worker-host.ts'
import { createProcessImporter } from '../adapters/process-importer.ts'
import { createProcessKeychain } from '../adapters/process-keychain.ts'
import { createThreadedDerive } from '../adapters/threaded-derive.ts'
import { systemClock } from '../adapters/system-clock.ts'
import type { WorkerHost } from '../core/ports/worker-host.ts'
import { createAppServices } from '../services/app-services.ts'
import { RunProgress } from '../model/run.ts'
import { CheckProgress } from '../model/vault-check.ts'
import type { ServicePorts } from '../services/service-ports.ts'
import { createVaultHost } from '../services/vault-host.ts'
import type { OpenHome } from './context.ts'
import type { Output } from './output.ts'
import { escapeForTerminal, formatBytes } from './terminal-text.ts'

const warningText = {
  'modes-tightened': 'The home folder could be read by others; its permissions were tightened.',
  'network-file-system':
    'The home folder lies on a network file system: locks and safe writing depend on it.',
  'sync-folder':
    'The home folder lies in a folder that another program replicates: only vault.json may be replicated.',
} as const

export type OpenOptions = {
  readonly path: string
  readonly version: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Folder of worker.js and its siblings. */
  readonly programFolder: string
  readonly output: Output
}

/** Composes the services of one home for a single command. */
export async function openHomeForCommand(options: OpenOptions): Promise<OpenHome> {
  const derive = createThreadedDerive(join(options.programFolder, 'derive-thread.js'))
  const home = openNodeHome(options.path, 'cli', derive)
  options.output.detail(`Home folder: ${escapeForTerminal(home.path)}`)
  for (const warning of home.warnings) options.output.note(warningText[warning])
  await home.tidy()
  const vault = createVaultHost(home.vault, null)
  await vault.loadDevice()
  const workerHost = workerHostOf(options)
  const ports: ServicePorts = {
    home: home.path,
    version: options.version,
    platform: process.platform,
    clock: systemClock,
    random: nodeRandom,
    log: home.log,
    network: { isOnline: () => true },
    power: {
      onEvent: () => () => {},
      idleSeconds: () => 0,
      isOnBattery: () => false,
      blockSleep: () => () => {},
    },
    notifier: { show: () => {}, clear: () => {} },
    userFiles: createNodeUserFiles({
      agentSocket: options.environment['SSH_AUTH_SOCK'] ?? null,
      cwd: process.cwd(),
    }),
    workerHost,
    ...transferPorts(workerHost, home.path),
    vault,
    keychain: keychains(workerHost, options.environment),
    store: home.store,
    leases: home.leases,
    removeJobData: (jobId) => home.removeJobData(jobId),
    emit: (name, value) => {
      if (name === 'vault.checking') options.output.detail(checkProgressText(CheckProgress.parse(value)))
      if (name === 'run.progress') options.output.detail(progressText(RunProgress.parse(value)))
    },
  }
  return {
    home: home.path,
    services: createAppServices(ports, { schedules: false }),
    version: options.version,
    hasScheduler: () => home.leases.isHeld('scheduler'),
    logBug(error) {
      const trace = traceOf(error)
      home.log.error('cli.internal', trace)
      return Object.values(trace).join(' ')
    },
    readLog: () => readLogLines(join(home.path, 'device', 'logs')),
    async close() {
      await vault.lock()
      home.close()
    },
  }
}

function keychains(
  workerHost: WorkerHost,
  environment: OpenOptions['environment'],
): ServicePorts['keychain'] {
  const ports = { workerHost, clock: systemClock, environment }
  return {
    interactive: createProcessKeychain({ ...ports, patience: 'interactive' }),
    background: createProcessKeychain({ ...ports, patience: 'background' }),
  }
}

function transferPorts(workerHost: WorkerHost, home: string): Pick<ServicePorts, 'importer' | 'exportFiles'> {
  return {
    importer: createProcessImporter({ workerHost, clock: systemClock }),
    exportFiles: createNodeExportFiles({ home }),
  }
}

function workerHostOf({ programFolder, environment }: OpenOptions): WorkerHost {
  const entry = (name: string): string => join(programFolder, `${name}.js`)
  return createNodeWorkerHost({
    entries: {
      worker: entry('worker'),
      'vault-process': entry('vault-process'),
      'keychain-helper': entry('keychain-helper'),
      'import-process': entry('import-process'),
    },
    environment,
  })
}

function checkProgressText({ done, total }: CheckProgress): string {
  return `Checked ${done} of ${total} records`
}

function progressText(progress: RunProgress): string {
  const of = (done: number, total: number | null, format: (value: number) => string): string =>
    total === null ? format(done) : `${format(done)} of ${format(total)}`
  const files = of(progress.filesDone, progress.filesTotal, String)
  return `${progress.phase}: ${files} files, ${of(progress.bytesDone, progress.bytesTotal, formatBytes)}`
}

/** All log lines of a home by time; a line that cannot be read is passed over. */
function readLogLines(folder: string): Record<string, unknown>[] {
  const lines = readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .flatMap((line): Record<string, unknown>[] => {
      try {
        const parsed: unknown = JSON.parse(line)
        return typeof parsed === 'object' && parsed !== null ? [{ ...parsed }] : []
      } catch {
        return []
      }
    })
  const time = (line: Record<string, unknown>): string =>
    typeof line['time'] === 'string' ? line['time'] : ''
  return lines.sort((a, b) => (time(a) < time(b) ? -1 : 1))
}
