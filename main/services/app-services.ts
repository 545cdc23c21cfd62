import { createGrantBook } from '../core/jobs/grant-book.ts'
import type { GrantBook } from '../core/jobs/grant-book.ts'
import { createRunCoordinator } from '../core/jobs/run-coordinator.ts'
import type { RunCoordinator } from '../core/jobs/run-coordinator.ts'
import { createSignInQueue } from '../core/jobs/sign-in-queue.ts'
import { createScheduler } from '../core/jobs/scheduler.ts'
import type { Scheduler } from '../core/jobs/scheduler.ts'
import type { RunProgress } from '../model/run.ts'
import { createCredentialService } from './credential-service.ts'
import type { CredentialService } from './credential-service.ts'
import { createExpiryReminders } from './expiry-reminders.ts'
import { createGeneratorService } from './generator-service.ts'
import type { GeneratorService } from './generator-service.ts'
import { createExportService } from './export-service.ts'
import type { ExportService } from './export-service.ts'
import { createImportService } from './import-service.ts'
import type { ImportService } from './import-service.ts'
import { createKeyCache } from './key-cache.ts'
import { createJobNotices } from './job-notices.ts'
import { createJobService } from './job-service.ts'
import type { JobService } from './job-service.ts'
import type { ServicePorts } from './service-ports.ts'
import { createProgressThrottle } from './progress-throttle.ts'
import type { RotateProgress } from '../core/vault/vault-api.ts'
import { createVaultService } from './vault-service.ts'
import type { VaultService } from './vault-service.ts'
import { createWorkerTasks } from './worker-tasks.ts'
import type { WorkerTasks } from './worker-tasks.ts'

/** All use-cases of one home folder; the desktop and the CLI compose nothing else. */
export type AppServices = {
  readonly vault: VaultService
  readonly credentials: CredentialService
  readonly imports: ImportService
  readonly generator: GeneratorService
  readonly exports: ExportService
  readonly jobs: JobService
  readonly coordinator: RunCoordinator
  readonly grants: GrantBook
  /** Null for one-shot commands, which start only what they are told. */
  readonly scheduler: Scheduler | null
}

export function createAppServices(ports: ServicePorts, options: { schedules: boolean }): AppServices {
  const grants = createGrantBook(ports)
  const notices = createJobNotices(ports)
  const tellRun = (value: RunProgress): void => ports.emit('run.progress', value)
  const signIns = createSignInQueue(ports)
  const coordinator = createRunCoordinator({
    ...ports,
    signIns,
    host: ports.workerHost,
    onProgress: createProgressThrottle(ports.clock, tellRun),
    onChange: (jobId, what) => {
      // In the other cases the newest run in history is an older one, of which people have been told.
      if (what === 'ended') notices.afterRun(jobId)
      ports.emit('jobs.changed', {})
      scheduler?.poke()
    },
  })
  const tasks = createWorkerTasks(ports, grants, signIns)
  const jobs = createJobService(ports, {
    tasks,
    grants,
    coordinator,
    scheduler: () => scheduler,
    keepsGrants: options.schedules,
  })
  const generator = createGeneratorService(ports)
  const reminders = options.schedules ? createExpiryReminders(ports) : null
  const changed = async (): Promise<void> => {
    await jobs.refresh()
    await reminders?.check()
  }
  const credentials = createCredentialService(ports, tasks, changed)
  const imports = createImportService(ports, changed)
  const exports = createExportService(ports)
  const vault = createVaultService(ports, {
    grants,
    coordinator,
    jobs,
    tasks,
    keyCache: createKeyCache(ports),
    onLock: () => generator.forget(),
  })
  tellRotation(ports, vault)
  endWithVault(ports, tasks, generator)
  // Told after every unlock, which is when ends can be read again.
  vault.onSettings(() => void reminders?.check())
  const scheduler = options.schedules
    ? createScheduler({
        ...ports,
        device: () => ports.vault.device(),
        start: (job, trigger) => jobs.startScheduled(job, trigger),
        onWaiting: (job, waiting) => {
          notices.onWaiting(job, waiting)
          ports.emit('jobs.changed', {})
        },
        onClockJump: () => ports.emit('jobs.changed', {}),
      })
    : null
  return { vault, credentials, imports, exports, generator, jobs, coordinator, grants, scheduler }
}

/** The vault's process may end by itself, when its file is of another key: that is a lock, too. */
function endWithVault(
  { vault }: ServicePorts,
  tasks: Pick<WorkerTasks, 'killAll'>,
  generator: GeneratorService,
): void {
  vault.onState((state) => {
    if (state !== 'locked') return
    tasks.killAll()
    generator.forget()
  })
}

function tellRotation({ clock, emit }: ServicePorts, vault: VaultService): void {
  const tell = createProgressThrottle<RotateProgress & { run: string }>(clock, ({ done, total }) => {
    emit('vault.rotation', { done, total })
  })
  vault.onRotation((value) => {
    tell({ ...value, run: 'rotation' })
  })
}
