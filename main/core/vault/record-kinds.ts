import * as z from 'zod'
import { CredentialFields, CredentialType, SecretNames } from '../../model/credential.ts'
import { CalendarDate } from '../../model/field-values.ts'
import { DeviceId, IsoTime } from '../../model/ids.ts'
import { JobDefinition } from '../../model/job.ts'
import { VaultSettings } from '../../model/vault.ts'
import { plainCredential } from './plain-credential.ts'
import type { Payload } from './record-parts.ts'

/**
 * What the `meta` part of each kind of record holds. Loose at every level: a field of a newer program is carried along in an
 * edit.
 */
const base = {
  _v: z.literal(1),
  title: z.string().min(1),
  created: IsoTime,
  changed: IsoTime,
}

export const CredentialMeta = z.looseObject({
  ...base,
  _kind: z.literal('credential'),
  type: CredentialType,
  fields: CredentialFields,
  /** Names of the secret fields, so that a list need not decrypt them. */
  secrets: SecretNames,
  hostKey: z.string().nullable().default(null),
  tags: z.array(z.string()).default([]),
  expires: CalendarDate.nullable().default(null),
})
export type CredentialMeta = z.infer<typeof CredentialMeta>

const job = JobDefinition.shape
export const JobFields = z.looseObject({
  credential: job.credential,
  remote: job.remote,
  mode: job.mode,
  direction: job.direction.default(null),
  schedule: job.schedule,
  zone: job.zone,
  enabled: job.enabled,
  device: job.device,
  whenLocked: job.whenLocked,
  filters: job.filters,
  maxDelete: job.maxDelete.default(null),
  safety: job.safety.default(null),
})

export const JobMeta = z.looseObject({ ...base, _kind: z.literal('job'), fields: JobFields })
export type JobMeta = z.infer<typeof JobMeta>

export const DeviceMeta = z.looseObject({
  ...base,
  _kind: z.literal('device'),
  fields: z.looseObject({ device: DeviceId }),
  /** Ids of the retired vault keys that nothing of this device is sealed with any more: its device data under one is forged. */
  spentKeys: z.array(z.string()).optional(),
})
export type DeviceMeta = z.infer<typeof DeviceMeta>

export const SettingsMeta = z.looseObject({
  ...base,
  _kind: z.literal('settings'),
  fields: z.looseObject(VaultSettings.shape),
})
export type SettingsMeta = z.infer<typeof SettingsMeta>

/**
 * A vault key that a rotation has replaced, in the secret field `key` (base64url): device data of the computers that were
 * away opens with it until they have sealed it anew.
 */
export const RetiredKeyMeta = z.looseObject({ ...base, _kind: z.literal('retired-key') })
export type RetiredKeyMeta = z.infer<typeof RetiredKeyMeta>

export const AnyMeta = z.discriminatedUnion('_kind', [
  CredentialMeta,
  JobMeta,
  DeviceMeta,
  SettingsMeta,
  RetiredKeyMeta,
])
export type AnyMeta = z.infer<typeof AnyMeta>
export type RecordKind = AnyMeta['_kind']

/** Null for kinds, versions and shapes of newer programs: such a record is kept and left alone. */
export function parseMeta(payload: Payload): AnyMeta | null {
  const plain = plainCredential(payload)
  if (plain !== null) return plain
  const parsed = AnyMeta.safeParse(payload)
  return parsed.success ? parsed.data : null
}

/** The `secret` part: values are exact text, as servers compare passwords byte by byte. */
export const SecretPayload = z.looseObject({ fields: z.record(z.string(), z.string()) })
export type SecretPayload = z.infer<typeof SecretPayload>

/** The `meta` part of a record in local.json. */
export const LocalMeta = z.looseObject({
  fields: z.record(z.string(), z.string()),
  /** Names of this device's own secrets, whose values are in the `secret` part. */
  secrets: SecretNames.default([]),
})
export type LocalMeta = z.infer<typeof LocalMeta>
