import * as z from 'zod'
import { IsoTime } from './ids.ts'
import { SecretNames } from './credential.ts'

/** One stored state of a credential. Names what changed, never a value. */
export const RevisionInfo = z.object({
  rev: z.int().min(1),
  /** When it was written. */
  at: IsoTime,
  /** Label of the device that wrote it, or its id when the vault has no label of it. */
  device: z.string(),
  isCurrent: z.boolean(),
  /** What the credential was called. */
  name: z.string(),
  /** Secrets of that time that can still be revealed and restored. */
  secrets: SecretNames,
  /** False when it is too old to have kept its secrets. */
  hasSecrets: z.boolean(),
  /**
   * Names of what it changed compared with the revision before it: fields, secrets, `name`, `tags`, `expires`, `hostKey`.
   * Empty for the oldest that is known.
   */
  changes: z.array(z.string()),
})
export type RevisionInfo = z.infer<typeof RevisionInfo>
