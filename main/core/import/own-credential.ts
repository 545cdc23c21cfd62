import * as z from 'zod'
import { credentialTypeTable, CredentialType, fieldOf } from '../../model/credential-types.ts'
import type { FoundEntry, FoundSecret } from './found-entry.ts'

/** No kind has nearly as many. */
const MAX_FIELDS = 100

/** One credential of our own exports, as text. The pin of a server's identity is not in it: trust is given on each device. */
export const OwnCredentialText = z.object({
  name: z.string(),
  type: CredentialType,
  tags: z.array(z.string()).default([]),
  expires: z.string().nullable().default(null),
  fields: z.record(z.string(), z.string()).refine((fields) => Object.keys(fields).length <= MAX_FIELDS),
  secrets: z.record(z.string(), z.string()),
})
export type OwnCredentialText = z.infer<typeof OwnCredentialText>

/** The same as a found entry; its key file is read as those of others are. */
export function ownCredentialEntry({
  name,
  type,
  tags,
  expires,
  fields,
  secrets,
}: OwnCredentialText): FoundEntry {
  const { keyFile, ...kept } = fields
  const known = Object.fromEntries(Object.entries(kept).filter(([field]) => fieldOf(type, field) !== null))
  const found: Record<string, FoundSecret> = { ...secrets }
  return {
    name,
    protocol: type,
    host: fields['host'],
    port: fields['port'],
    user: fields['user'],
    keyFile,
    tags,
    own: { type, fields: known, secrets: found, expires },
  }
}

/** Names of the fields and secrets that kinds have, each once: the columns of a table of all of them. */
export function ownFieldNames(): readonly string[] {
  const names = Object.values(credentialTypeTable).flatMap(({ fields }) => fields.map(({ name }) => name))
  return [...new Set(names)]
}
