import { AppError } from '../../model/app-error.ts'
import type { CredentialType } from '../../model/credential-types.ts'
import { GrantPayload } from '../../model/grant.ts'
import type { SealedGrant } from '../../model/grant.ts'
import { fromBase64Url, fromUtf8, toBase64Url, utf8, wipe } from '../crypto/bytes.ts'
import { CryptoError } from '../crypto/crypto-error.ts'
import { fernetDecrypt, fernetEncrypt } from '../crypto/fernet.ts'
import { contextInfo, hkdfSha256 } from '../crypto/hkdf.ts'
import type { Random } from '../ports/random.ts'
import { serverFields } from './field-rules.ts'
import { padded } from './record-parts.ts'
import { GRANT_CLOCK_SKEW_MS, KEY_BYTES, MAX_GRANT_MS, MAX_TOKEN_CHARS } from './vault-limits.ts'

const IV_BYTES = 16
const SALT_BYTES = 32
const NO_SALT = new Uint8Array(0)

/** Which grant: everything its key is bound to. */
export type GrantPlace = Pick<SealedGrant, 'vault' | 'agent' | 'job' | 'id'>

/** Seals a grant under a key of its own. The caller wipes `agentKey`. Throws AppError('limit-reached') over 1 MiB. */
export function sealGrant(
  agentKey: Uint8Array,
  place: GrantPlace,
  payload: GrantPayload,
  random: Random,
): SealedGrant {
  const unsealed = { v: 1 as const, ...place, seq: payload.seq, salt: toBase64Url(random.bytes(SALT_BYTES)) }
  const key = deriveGrantKey(agentKey, unsealed)
  const plaintext = padded(payload)
  try {
    const token = fernetEncrypt(key, plaintext, { iv: random.bytes(IV_BYTES), timestamp: 0 })
    if (token.length > MAX_TOKEN_CHARS) throw new AppError('limit-reached', 'seal grant: too large')
    return { ...unsealed, token }
  } finally {
    wipe(key, plaintext)
  }
}

/**
 * The key that opens exactly this grant: what a worker is given instead of the agent key. 32 bytes; the caller wipes both.
 * Throws AppError('no-grant') for a grant whose fields no key can be derived from.
 */
export function deriveGrantKey(agentKey: Uint8Array, grant: Omit<SealedGrant, 'token'>): Uint8Array {
  try {
    const { vault, agent, job, id } = grant
    const info = contextInfo('fernsync/1', 'grant', vault, agent, job, id)
    return hkdfSha256({ key: agentKey, salt: fromBase64Url(grant.salt), info, length: KEY_BYTES })
  } catch (cause) {
    throw refused('fields', cause)
  }
}

/** A grant opened in the worker: secrets and the plan key as bytes, which the worker wipes. */
export type OpenGrant = Omit<GrantPayload, 'credential' | 'planKey'> & {
  readonly credential: Omit<GrantPayload['credential'], 'secrets'> & {
    readonly secrets: Readonly<Record<string, Uint8Array>>
  }
  readonly planKey: Uint8Array | null
}

/**
 * Opens a grant with its own key (32 bytes, the caller wipes it) and checks what it allows: the dates, the number, the job it
 * was made for, and that the fields still name the target it was sealed for. Throws AppError('no-grant') for everything.
 */
export function openGrant(grant: SealedGrant, grantKey: Uint8Array, now: number): OpenGrant {
  const payload = decrypt(grant, grantKey)
  checkDates(payload, now)
  if (payload.seq !== grant.seq) throw refused('sequence')
  if (payload.job !== null && payload.job.id !== grant.job) throw refused('job')
  if (!isOnTarget(payload)) throw refused('target')
  const { credential, planKey } = payload
  try {
    const entries = Object.entries(credential.secrets)
    const secrets = entries.map(([name, text]): [string, Uint8Array] => [name, fromBase64Url(text)])
    return {
      ...payload,
      credential: { ...credential, secrets: Object.fromEntries(secrets) },
      planKey: planKey === null ? null : fromBase64Url(planKey),
    }
  } catch (cause) {
    throw refused('encoding', cause)
  }
}

/** The target that the fields of a credential name; sealed beside them so that a change of either is noticed. */
export function grantTarget(
  credential: Pick<GrantPayload['credential'], 'type' | 'fields' | 'hostKey'>,
  path: string | null,
): GrantPayload['target'] {
  const { type, fields, hostKey } = credential
  const unset = serverFields(type)
  return {
    protocol: type,
    host: fields['host'] ?? unset['host'] ?? address(type, fields),
    port: fields['port'] ?? unset['port'] ?? '',
    hostKey,
    path,
  }
}

/** What stands for the host of a kind that has none: every field that names its server, in the order of the table. */
function address(type: CredentialType, fields: Readonly<Record<string, string>>): string {
  const unset = Object.entries(serverFields(type))
  return unset.map(([name, value]) => fields[name] ?? value).join(' ')
}

/**
 * 32 bytes that authenticate the stored plans of one job, from the vault key; the caller wipes them. Plans of another job or
 * vault do not verify, and a plan stays valid from one run to the next.
 */
export function derivePlanKey(vaultKey: Uint8Array, vault: string, job: string): Uint8Array {
  const info = contextInfo('fernsync/1', 'plan', vault, job)
  return hkdfSha256({ key: vaultKey, salt: NO_SALT, info, length: KEY_BYTES })
}

function decrypt(grant: SealedGrant, grantKey: Uint8Array): GrantPayload {
  let plaintext: Uint8Array | null = null
  try {
    plaintext = fernetDecrypt(grantKey, grant.token)
    const parsed = GrantPayload.safeParse(JSON.parse(fromUtf8(plaintext)))
    // Without causes from here on: parsers quote what they read.
    if (!parsed.success) throw refused('shape')
    return parsed.data
  } catch (error) {
    if (error instanceof AppError) throw error
    throw refused(error instanceof CryptoError ? error.message : 'shape')
  } finally {
    if (plaintext !== null) wipe(plaintext)
  }
}

function checkDates({ notBefore, notAfter }: GrantPayload, now: number): void {
  if (now > notAfter) throw refused('expired')
  // A clock a little behind is a correction; far behind it would make an expired grant valid again.
  if (now < notBefore - GRANT_CLOCK_SKEW_MS) throw refused('not yet valid')
  if (notAfter - notBefore > MAX_GRANT_MS) throw refused('too long')
}

function isOnTarget({ credential, target, job }: GrantPayload): boolean {
  const expected = grantTarget(credential, job === null ? null : job.remote)
  return (
    target.protocol === expected.protocol &&
    target.host === expected.host &&
    target.port === expected.port &&
    target.hostKey === expected.hostKey &&
    target.path === expected.path
  )
}

function refused(rule: string, cause?: unknown): AppError {
  return new AppError('no-grant', `open grant: ${rule}`, { cause, details: { rule } })
}

/** Secret texts as a grant carries them. */
export function grantSecrets(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => {
      const bytes = utf8(text)
      const encoded = toBase64Url(bytes)
      wipe(bytes)
      return [name, encoded]
    }),
  )
}
