import { worstExitCode, isErrorCode } from '../model/error-codes.ts'
import type { ErrorCode, ExitCode } from '../model/error-codes.ts'
import type { Credential } from '../model/credential.ts'
import type { JobView } from '../model/job.ts'
import type { RunSummary } from '../model/run.ts'

/** A credential as `--json` shows it. Keys are only ever added. */
export function credentialShape(credential: Credential) {
  const { id, name, type, fields, secrets, hostKey, usedBy, changed, blocked } = credential
  const { tags, expires, lastUsed, needsSignInHere } = credential
  return {
    id,
    name,
    type,
    fields,
    secrets,
    hostKey,
    usedBy: usedBy.map((job) => job.name),
    changed,
    blocked,
    tags,
    expires,
    lastUsed: lastUsed === null ? null : { job: lastUsed.name, at: lastUsed.at },
    needsSignIn: needsSignInHere,
  }
}

/** A job as `--json` shows it. Keys are only ever added. */
export function jobShape(job: JobView) {
  return {
    id: job.id,
    name: job.name,
    credential: job.credential?.name ?? null,
    local: job.local,
    remote: job.remote,
    mode: job.mode,
    direction: job.direction,
    schedule: job.schedule,
    zone: job.zone,
    enabled: job.enabled,
    device: job.device.id,
    state: job.state,
    reason: job.reason,
    whenLocked: job.whenLocked,
    lastRun: job.lastRun,
    nextRun: job.nextRun,
    filters: job.filters,
    maxDelete: job.maxDelete,
    since: job.since,
    safety: job.safety,
  }
}

/** How a run ends the command: 0, or the worst of its reasons. */
export function runExitCode(run: RunSummary): ExitCode {
  if (run.state === 'done') return 0
  const codes: ErrorCode[] = []
  if (isErrorCode(run.reason)) codes.push(run.reason)
  for (const error of run.errors) if (isErrorCode(error.code)) codes.push(error.code)
  const worst = worstExitCode(codes)
  return worst === 0 ? 1 : worst
}
