import * as z from 'zod'
import { Bytes } from './bytes.ts'
import { IsoTime, Name, Uuid } from './ids.ts'

/** Kinds of credential that can be stored; `sftp` is the one with a connector today. */
export const CredentialType = z.enum(['sftp'])
export type CredentialType = z.infer<typeof CredentialType>

const fieldName = z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,31}$/)

/** Non-secret fields as text, by field name of the connector (`host`, `port`, `user`, `keyFile`, `agent`, `hostKey`). */
export const CredentialFields = z.record(fieldName, z.string().max(4096))
export type CredentialFields = z.infer<typeof CredentialFields>

/** Names of secret fields that have a value (`password`, `privateKey`, `passphrase`). */
export const SecretNames = z.array(fieldName)

/** Secret values as UTF-8 bytes, by field name. The receiver wipes them. At most 64 KiB each. */
export const SecretValues = z.record(fieldName, Bytes(0, 65_536))
export type SecretValues = Record<string, Uint8Array>

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
  removeSecrets: SecretNames.optional(),
})
export type CredentialPatch = z.infer<typeof CredentialPatch>
