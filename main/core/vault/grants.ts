import { AppError } from '../../model/app-error.ts'
import type { CredentialDraft } from '../../model/credential.ts'
import type { GrantPayload, SealedGrant } from '../../model/grant.ts'
import { toBase64Url, wipe } from '../crypto/bytes.ts'
import { allFields, allSecrets, findCredential } from './credentials.ts'
import { isSameServer, sentOnly } from './field-rules.ts'
import { derivePlanKey, grantSecrets, grantTarget, sealGrant } from './grant.ts'
import { findJob, jobDefinition } from './jobs.ts'
import type { Session } from './session.ts'
import type { View } from './transaction.ts'
import type { GrantOptions } from './vault-api.ts'
import { KEY_BYTES, MAX_GRANT_MS } from './vault-limits.ts'
import type { VaultPorts } from './vault-ports.ts'

/** Issues grants of one vault process; numbers rise from one to the next and, by the clock, over restarts. */
export type GrantIssuer = {
  forJob(session: Session, view: View, jobId: string, options: GrantOptions): SealedGrant
  forCredential(session: Session, view: View, credentialId: string, options: GrantOptions): SealedGrant
  forDraft(session: Session, view: View, draft: GrantedDraft, options: GrantOptions): SealedGrant
}

export type GrantedDraft = {
  readonly draft: CredentialDraft
  readonly secrets: Readonly<Record<string, string>>
  /** A stored credential that lends the secrets not given, as long as the draft names the same server. */
  readonly basedOn: string | null
}

type Granted = Pick<GrantPayload, 'job' | 'credential'>

/** Counters are at most 2^40; hundredths of a second since 1970 stay below that until the year 2318. */
const SEQ_UNIT_MS = 10

export function createGrantIssuer(ports: Pick<VaultPorts, 'clock' | 'random'>): GrantIssuer {
  const { clock, random } = ports
  let lastSeq = 0

  const issue = (session: Session, view: View, granted: Granted, options: GrantOptions): SealedGrant => {
    const now = clock.now()
    checkOptions(options, now)
    const { job, credential } = granted
    lastSeq = Math.max(lastSeq + 1, Math.floor(now / SEQ_UNIT_MS))
    const planKey = job === null ? null : derivePlanKey(session.vaultKey(), session.vault, job.id)
    const payload: GrantPayload = {
      ...granted,
      target: grantTarget(credential, job === null ? null : job.remote),
      planKey: planKey === null ? null : toBase64Url(planKey),
      notBefore: now,
      notAfter: options.notAfter,
      seq: lastSeq,
    }
    if (planKey !== null) wipe(planKey)
    const place = {
      vault: session.vault,
      agent: view.device.device,
      job: job?.id ?? random.uuid(),
      id: random.uuid(),
    }
    return sealGrant(options.agentKey, place, payload, random)
  }

  return {
    forJob(session, view, jobId, options) {
      const record = findJob(view, jobId)
      const job = jobDefinition(session, view, record)
      if (job.device !== view.device.device) throw otherDevice()
      if (job.local === '') throw new AppError('root-missing', 'grant job: no local folder on this device')
      return issue(session, view, { job, credential: stored(session, view, job.credential) }, options)
    },
    forCredential(session, view, credentialId, options) {
      return issue(session, view, { job: null, credential: stored(session, view, credentialId) }, options)
    },
    forDraft(session, view, granted, options) {
      const credential = drafted(session, view, granted, random.uuid())
      return issue(session, view, { job: null, credential }, options)
    },
  }
}

function stored(session: Session, view: View, id: string): Granted['credential'] {
  const record = findCredential(view, id)
  return {
    id,
    type: record.meta.type,
    fields: sentOnly(record.meta.type, allFields(session, view, record)),
    secrets: grantSecrets(sentOnly(record.meta.type, allSecrets(session, view, record))),
    hostKey: record.meta.hostKey,
  }
}

/** A stored secret never follows a draft to another server or under another pin: that would be a way to have it sent anywhere. */
function drafted(
  session: Session,
  view: View,
  { draft, secrets, basedOn }: GrantedDraft,
  id: string,
): Granted['credential'] {
  const base = basedOn === null ? null : stored(session, view, basedOn)
  const lends =
    base !== null &&
    base.type === draft.type &&
    isSameServer(draft.type, base.fields, draft.fields) &&
    (base.hostKey === null || base.hostKey === draft.hostKey)
  return {
    id: basedOn ?? id,
    type: draft.type,
    fields: sentOnly(draft.type, draft.fields),
    secrets: { ...(lends ? base.secrets : {}), ...grantSecrets(sentOnly(draft.type, secrets)) },
    hostKey: draft.hostKey,
  }
}

function checkOptions({ agentKey, notAfter }: GrantOptions, now: number): void {
  if (agentKey.byteLength !== KEY_BYTES) throw new AppError('bad-request', 'grant: agent key length')
  if (!Number.isSafeInteger(notAfter) || notAfter <= now || notAfter - now > MAX_GRANT_MS) {
    throw new AppError('bad-request', 'grant: end out of range')
  }
}

function otherDevice(): AppError {
  return new AppError('other-device', 'grant job: another device runs it')
}
