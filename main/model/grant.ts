import * as z from 'zod'
import { CredentialType } from './credential.ts'
import { DeviceId, Uuid } from './ids.ts'
import { JobDefinition } from './job.ts'

/**
 * Permission for one worker to use one credential for one task. Sealed under HKDF-SHA256(agent key, salt, info =
 * "fernsync/1\ngrant\n<vault>\n<agent>\n<job>\n<id>") as a Fernet token; what each field means is in ARCHITECTURE.md.
 */
export const SealedGrant = z.object({
  v: z.literal(1),
  vault: Uuid,
  /** Device id of the process that holds the agent key. */
  agent: DeviceId,
  /** Job id, or a fresh UUID for a grant without a job. */
  job: Uuid,
  id: Uuid,
  seq: z.int().min(1),
  /** 32 bytes, canonical padded base64url. */
  salt: z.string(),
  token: z.string(),
})
export type SealedGrant = z.infer<typeof SealedGrant>

/** What a grant holds once opened, in the worker only. Secrets are base64url inside the token, bytes after `openGrant`. */
export const GrantPayload = z.object({
  job: JobDefinition.nullable(),
  credential: z.object({
    id: Uuid,
    type: CredentialType,
    fields: z.record(z.string(), z.string()),
    secrets: z.record(z.string(), z.string()),
    hostKey: z.string().nullable(),
  }),
  /** What the credential may be sent to; must equal the fields it is used with. */
  target: z.object({
    protocol: z.string(),
    host: z.string(),
    port: z.string(),
    hostKey: z.string().nullable(),
    /** Remote root of the job; null for a grant without a job. */
    path: z.string().nullable(),
  }),
  /** 32 bytes that authenticate this job's stored plans, base64url; null for a grant without a job. */
  planKey: z.string().nullable(),
  notBefore: z.int(),
  notAfter: z.int(),
  seq: z.int().min(1),
})
export type GrantPayload = z.infer<typeof GrantPayload>
