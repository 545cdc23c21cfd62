import * as z from 'zod'
import { Bytes } from './bytes.ts'
import { CredentialType, SecretName } from './credential-types.ts'
import { CalendarDate } from './field-values.ts'
import { IsoTime, Name, Uuid } from './ids.ts'

export { CredentialType }

const fieldName = z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,31}$/)

/** Non-secret fields as text, by name in the table of types (`host`, `port`, `user`, `keyFile`, `agent`). */
export const CredentialFields = z.record(fieldName, z.string().max(4096))
export type CredentialFields = z.infer<typeof CredentialFields>

/** Names of secret fields that have a value (`password`, `privateKey`, `notes`, or free ones). */
export const SecretNames = z.array(SecretName)

/** Secret values as UTF-8 bytes, by field name. The receiver wipes them. At most 64 KiB each. */
export const SecretValues = z.record(SecretName, Bytes(0, 65_536))
export type SecretValues = Record<string, Uint8Array>

/** The last run that signed in with a credential. */
export const LastUse = z.object({ job: Uuid, name: z.string(), at: IsoTime })
export type LastUse = z.infer<typeof LastUse>

/** Why jobs of this credential do not try to sign in until it is edited or tested well. */
export const CredentialBlock = z.object({ code: z.literal('auth-failed'), since: IsoTime })

/** What lists and screens see of a credential: never a secret value. */
export const Credential = z.object({
  id: Uuid,
  rev: z.int().min(1),
  name: Name,
  type: CredentialType,
  fields: CredentialFields,
  secrets: SecretNames,
  /** Pinned server identity (`SHA256:...`), null when none is pinned yet. */
  hostKey: z.string().nullable(),
  tags: z.array(z.string().max(100)).max(50),
  /** Day on which it stops working, as a person said; null = none. */
  expires: CalendarDate.nullable(),
  /** True when this device lacks the secret that belongs to it alone (a cloud's sign-in). */
  needsSignInHere: z.boolean(),
  /** From the run history of this device; null when no run is known. */
  lastUsed: LastUse.nullable(),
  usedBy: z.array(z.object({ id: Uuid, name: z.string() })),
  created: IsoTime,
  changed: IsoTime,
  blocked: CredentialBlock.nullable(),
})
export type Credential = z.infer<typeof Credential>

/** What `credentials.add` takes, without the secret values. */
export const CredentialDraft = z.object({
  name: Name,
  type: CredentialType,
  fields: CredentialFields,
  hostKey: z.string().max(200).nullable(),
  tags: z.array(z.string().max(100)).max(50).default([]),
  expires: CalendarDate.nullable().optional(),
})
export type CredentialDraft = z.infer<typeof CredentialDraft>

/**
 * A change to a credential: absent = unchanged. Changing host, port or trust drops its secrets and pin unless they are
 * given again in the same call. `removeSecrets` names secret fields to delete.
 */
export const CredentialPatch = z.object({
  name: Name.optional(),
  fields: z.record(fieldName, z.string().max(4096).nullable()).optional(),
  hostKey: z.string().max(200).nullable().optional(),
  tags: z.array(z.string().max(100)).max(50).optional(),
  expires: CalendarDate.nullable().optional(),
  removeSecrets: SecretNames.optional(),
})
export type CredentialPatch = z.infer<typeof CredentialPatch>
