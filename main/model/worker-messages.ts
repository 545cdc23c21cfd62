import * as z from 'zod'
import { Bytes } from './bytes.ts'
import { SealedGrant } from './grant.ts'
import { Uuid } from './ids.ts'
import { GuardHit, Preview, RunProgress, RunSummary, RunTrigger } from './run.ts'

/** What one worker is started for; exactly one task per worker, then it ends. */
export const WorkerTask = z.discriminatedUnion('kind', [
  /** Runs the job of the grant. `approve` = id of a stored plan that a person accepted. */
  z.object({ kind: z.literal('run'), run: Uuid, trigger: RunTrigger, approve: Uuid.nullable() }),
  /** Plans without touching anything, stores the plan under `plan`. */
  z.object({ kind: z.literal('preview'), plan: Uuid }),
  /** Signs in and checks the connection in steps. */
  z.object({ kind: z.literal('test') }),
  /** Fetches the server's identity without sending a credential. */
  z.object({ kind: z.literal('host-key') }),
  /** Lists one remote folder. */
  z.object({ kind: z.literal('list'), path: z.string() }),
  /** Makes one remote folder. */
  z.object({ kind: z.literal('mkdir'), path: z.string() }),
])
export type WorkerTask = z.infer<typeof WorkerTask>

/** Host to worker. */
export const ToWorker = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    /** Home folder; the worker opens only `device/jobs/<job id>.sqlite` in it. */
    home: z.string(),
    task: WorkerTask,
    grant: SealedGrant,
    /** HKDF output that opens exactly this grant, 32 bytes; the worker wipes it. */
    grantKey: Bytes(32, 32),
    /** True when the last boot of the machine was unclean or the last run of the job did not end: recent files are re-hashed. */
    recheck: z.boolean(),
  }),
  z.object({ type: z.literal('cancel') }),
])
export type ToWorker = z.infer<typeof ToWorker>

export const TestStep = z.object({
  step: z.enum(['connect', 'host-key', 'sign-in', 'list', 'write']),
  ok: z.boolean(),
  /** Error code when not ok. */
  code: z.string().nullable(),
  message: z.string().nullable(),
})
export type TestStep = z.infer<typeof TestStep>

export const RemoteListing = z.object({
  path: z.string(),
  entries: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['file', 'dir', 'other']),
      size: z.int().nullable(),
      modTime: z.number().nullable(),
    }),
  ),
  /** True when more entries exist than are listed (1,000). */
  truncated: z.boolean(),
})
export type RemoteListing = z.infer<typeof RemoteListing>

export const WorkerFailure = z.object({
  code: z.string(),
  /** Fingerprint the server showed, for untrusted-server and unpinned-server. */
  fingerprint: z.string().nullable(),
})
export type WorkerFailure = z.infer<typeof WorkerFailure>

/** Worker to host. One of `summary`, `preview`, `tested`, `hostKey`, `listing`, `made`, `failed` ends the task. */
export const FromWorker = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('progress'), progress: RunProgress }),
  z.object({
    type: z.literal('log'),
    level: z.enum(['info', 'warn', 'error']),
    event: z.string().max(100),
    fields: z.record(z.string(), z.union([z.string().max(1000), z.number(), z.boolean(), z.null()])),
  }),
  z.object({ type: z.literal('summary'), summary: RunSummary, guards: z.array(GuardHit) }),
  z.object({ type: z.literal('preview'), preview: Preview }),
  z.object({ type: z.literal('tested'), steps: z.array(TestStep), hostKey: z.string().nullable() }),
  z.object({ type: z.literal('host-key'), hostKey: z.string() }),
  z.object({ type: z.literal('listing'), listing: RemoteListing }),
  z.object({ type: z.literal('made') }),
  z.object({ type: z.literal('failed'), failure: WorkerFailure }),
])
export type FromWorker = z.infer<typeof FromWorker>
