import type { GrantBook, OpenableGrant } from '../core/jobs/grant-book.ts'
import type { SignInQueue } from '../core/jobs/sign-in-queue.ts'
import { startWorker } from '../core/jobs/worker-session.ts'
import type { WorkerResult } from '../core/jobs/worker-session.ts'
import { certificateWords } from '../messages/en/certificate.ts'
import { AppError } from '../model/app-error.ts'
import type { Credential, CredentialDraft, CredentialFields, SecretValues } from '../model/credential.ts'
import { isErrorCode } from '../model/error-codes.ts'
import type { Preview } from '../model/run.ts'
import type { RemoteListing, TestStep, WorkerTask } from '../model/worker-messages.ts'
import { checkFieldNames } from './check-credential.ts'
import { requireConnector } from './credential-types.ts'
import type { ServicePorts } from './service-ports.ts'

/** A task whose worker says nothing for this long has failed; a person waits for it. */
const silenceLimitMs = 120_000

export type TestOutcome = {
  readonly ok: boolean
  readonly steps: TestStep[]
  readonly hostKey: string | null
}

/** Short tasks against a server, each in a worker of its own that holds one credential and then ends. */
export type WorkerTasks = {
  /** Signs in and looks around; a refused sign-in is an answer, not an exception. */
  test(credential: Credential): Promise<TestOutcome>
  testDraft(draft: CredentialDraft, secrets: SecretValues, basedOn: string | null): Promise<TestOutcome>
  /** The server's identity; no credential is sent. */
  fetchHostKey(draft: CredentialDraft): Promise<string>
  list(credential: Credential, path: string): Promise<RemoteListing>
  makeFolder(credential: Credential, path: string): Promise<void>
  /** Plans a job without touching either side. */
  preview(jobId: string, credential: Credential): Promise<Preview>
  /** Ends every task at once, each with AppError('cancelled'); later tasks start as usual. For a lock. */
  killAll(): void
}

/** Whether a credential or draft names the SSH agent as its way in. */
export function usesAgent(fields: Readonly<Record<string, string>>): boolean {
  return fields['agent'] === 'true'
}

/** `signIns` is shared with whatever else signs in with stored credentials, so that one refusal is enough for all. */
export function createWorkerTasks(ports: ServicePorts, grants: GrantBook, signIns: SignInQueue): WorkerTasks {
  const live = createLiveTasks()
  const ask = createAsker(ports, grants)
  /** One task with a stored credential, when it is its turn to sign in. */
  const withStored = <T>(
    credential: Credential,
    offer: 'unless-blocked' | 'even-if-blocked',
    work: (attempt: Attempt) => Promise<T>,
  ): Promise<T> =>
    live.run(async (signal) => {
      requireConnector(credential.type)
      if (offer === 'unless-blocked') refuseBlocked(ports, credential.id)
      const signedIn = await signIns.enter(credential.id, signal)
      try {
        if (signal.aborted) throw ended()
        // Whoever was before us may have been refused.
        if (offer === 'unless-blocked') refuseBlocked(ports, credential.id)
        return await guarded(ports, credential.id, () => work({ signal, signedIn }))
      } finally {
        signedIn()
      }
    })
  /** One task with what a form holds. */
  const withDraft = <T>(draft: CredentialDraft, work: (attempt: Attempt) => Promise<T>): Promise<T> =>
    live.run(async (signal) => {
      requireConnector(draft.type)
      return work({ signal, signedIn: () => {} })
    })

  return {
    ...credentialTasks(ports, ask, { withStored, withDraft }),
    preview: (jobId, credential) =>
      withStored(credential, 'unless-blocked', async (attempt) => {
        const grant = await grants.issue(ports.vault.unlocked(), jobId)
        const task: WorkerTask = { kind: 'preview', plan: ports.random.uuid() }
        const result = await ask.run(task, { grant, fields: credential.fields }, attempt)
        if (result.type !== 'preview') throw unexpected(result)
        return result.preview
      }),
    killAll: () => {
      live.killAll()
    },
  }
}

/** One try at a server: `signal` ends it at once, `signedIn` lets the next one of the same credential in. */
type Attempt = { readonly signal: AbortSignal; readonly signedIn: () => void }
type Ways = {
  readonly withStored: <T>(
    credential: Credential,
    offer: 'unless-blocked' | 'even-if-blocked',
    work: (attempt: Attempt) => Promise<T>,
  ) => Promise<T>
  readonly withDraft: <T>(draft: CredentialDraft, work: (attempt: Attempt) => Promise<T>) => Promise<T>
}

function credentialTasks(
  ports: ServicePorts,
  ask: Asker,
  { withStored, withDraft }: Ways,
): Omit<WorkerTasks, 'preview' | 'killAll'> {
  return {
    test: (credential) =>
      withStored(credential, 'even-if-blocked', async (attempt) => {
        const result = await ask.forCredential({ kind: 'test' }, credential, attempt)
        const outcome = toTestOutcome(result, credential.fields, ports.clock.now())
        const signIn = outcome.steps.find((step) => step.step === 'sign-in')
        if (outcome.ok) ports.store.unblock(credential.id)
        else if (signIn?.code === 'auth-failed') block(ports, credential.id)
        return outcome
      }),
    testDraft: (draft, secrets, basedOn) =>
      withDraft(draft, async (attempt) =>
        toTestOutcome(
          await ask.forDraft({ kind: 'test' }, { draft, secrets, basedOn }, attempt),
          draft.fields,
          ports.clock.now(),
        ),
      ),
    fetchHostKey: (draft) =>
      withDraft(draft, async (attempt) => {
        const given = { draft, secrets: {}, basedOn: null }
        const result = await ask.forDraft({ kind: 'host-key' }, given, attempt)
        if (result.type !== 'host-key') throw unexpected(result)
        return result.hostKey
      }),
    list: (credential, path) =>
      withStored(credential, 'unless-blocked', async (attempt) => {
        const result = await ask.forCredential({ kind: 'list', path }, credential, attempt)
        if (result.type !== 'listing') throw unexpected(result)
        return result.listing
      }),
    makeFolder: (credential, path) =>
      withStored(credential, 'unless-blocked', async (attempt) => {
        const result = await ask.forCredential({ kind: 'mkdir', path }, credential, attempt)
        if (result.type !== 'made') throw unexpected(result)
      }),
  }
}

/** The tasks of this process that have not ended, from the moment they wait for their turn. */
function createLiveTasks(): {
  run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>
  killAll(): void
} {
  const live = new Set<AbortController>()
  return {
    async run(work) {
      const ending = new AbortController()
      live.add(ending)
      try {
        return await work(ending.signal)
      } finally {
        live.delete(ending)
      }
    },
    killAll() {
      for (const ending of live) ending.abort()
    },
  }
}

type Draft = {
  readonly draft: CredentialDraft
  readonly secrets: SecretValues
  readonly basedOn: string | null
}
type Sealed = { readonly grant: OpenableGrant; readonly fields: CredentialFields }
type Asker = {
  run(task: WorkerTask, sealed: Sealed, attempt: Attempt): Promise<WorkerResult>
  forCredential(task: WorkerTask, credential: Credential, attempt: Attempt): Promise<WorkerResult>
  forDraft(task: WorkerTask, given: Draft, attempt: Attempt): Promise<WorkerResult>
}

/** Seals what a task needs, starts a worker with it and waits for its one answer. */
function createAsker(ports: ServicePorts, grants: GrantBook): Asker {
  const run = async (task: WorkerTask, sealed: Sealed, attempt: Attempt): Promise<WorkerResult> =>
    raise(await watchWorker(ports, task, sealed, attempt))
  return {
    run,
    async forCredential(task, credential, attempt) {
      const vault = ports.vault.unlocked()
      const grant = await grants.issueWith((options) => vault.grantCredential(credential.id, options))
      return run(task, { grant, fields: credential.fields }, attempt)
    },
    async forDraft(task, { draft, secrets, basedOn }, attempt) {
      checkFieldNames({ type: draft.type, fields: draft.fields, secretNames: Object.keys(secrets) })
      const vault = ports.vault.unlocked()
      const grant = await grants.issueWith((options) =>
        vault.grantDraft(draft, secrets, basedOn === null ? options : { ...options, basedOn }),
      )
      return run(task, { grant, fields: draft.fields }, attempt)
    },
  }
}

/**
 * The last word of a worker. One that says nothing for two minutes is killed: AppError('timeout'); an attempt that is ended
 * meanwhile: AppError('cancelled'). The grant key is wiped in every case.
 */
async function watchWorker(
  ports: ServicePorts,
  task: WorkerTask,
  { grant, fields }: Sealed,
  { signal, signedIn }: Attempt,
): Promise<WorkerResult> {
  if (signal.aborted) {
    grant.grantKey.fill(0)
    throw ended()
  }
  const { clock } = ports
  let isLate = false
  let stopTimer = (): void => {}
  const listen = (): void => {
    stopTimer()
    stopTimer = clock.setTimer(silenceLimitMs, () => {
      isLate = true
      session.kill()
    })
  }
  const session = startWorker(
    { host: ports.workerHost, clock, log: ports.log, home: ports.home },
    {
      task,
      grant,
      recheck: false,
      agentSocket: usesAgent(fields) ? ports.userFiles.agentSocket() : null,
      onProgress: ({ phase }) => {
        listen()
        if (phase !== 'connecting') signedIn()
      },
    },
  )
  listen()
  const onAbort = (): void => {
    session.kill()
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await session.result
  } catch (error) {
    throw isLate ? new AppError('timeout', 'the worker said nothing for too long', { cause: error }) : error
  } finally {
    stopTimer()
    signal.removeEventListener('abort', onAbort)
  }
}

/** A credential that was refused is not offered again, except by a test that the person asks for. */
function refuseBlocked(ports: ServicePorts, credentialId: string): void {
  if (ports.store.isBlocked(credentialId)) {
    throw new AppError('needs-sign-in', 'credential is blocked after a refused sign-in')
  }
}

/** Blocks the credential when the server refuses it. */
async function guarded<T>(ports: ServicePorts, credentialId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AppError && error.code === 'auth-failed') block(ports, credentialId)
    throw error
  }
}

function block(ports: ServicePorts, credentialId: string): void {
  ports.store.block(credentialId, 'auth-failed', new Date(ports.clock.now()).toISOString())
}

function raise(result: WorkerResult): WorkerResult {
  if (result.type !== 'failed') return result
  const { code, fingerprint } = result.failure
  throw new AppError(isErrorCode(code) ? code : 'internal', 'worker task failed', {
    details: fingerprint === null ? {} : { fingerprint },
  })
}

function toTestOutcome(result: WorkerResult, fields: CredentialFields, now: number): TestOutcome {
  if (result.type !== 'tested') throw unexpected(result)
  const { certificate = '' } = fields
  // A server says only that it refuses; the dates are in what it was shown.
  const steps = result.steps.map((step) =>
    step.code === 'auth-failed' ? { ...step, message: certificateWords(certificate, now) } : step,
  )
  return { ok: steps.every((step) => step.ok), steps, hostKey: result.hostKey }
}

function ended(): AppError {
  return new AppError('cancelled', 'ended before its worker began')
}

function unexpected(result: WorkerResult): AppError {
  return new AppError('internal', `unexpected answer of the worker: ${result.type}`)
}
