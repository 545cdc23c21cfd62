import type { CredentialDraft } from '../../../main/model/credential.ts'
import { texts } from '../../i18n/en.ts'

/** What a person edits of a server, as text. */
export type ServerFields = { name: string; host: string; port: string; user: string }

export type FieldErrors = Partial<Record<keyof ServerFields, string>>

/** What is wrong with the fields, by field; empty when nothing is. The main side checks again. */
export function checkFields(fields: ServerFields): FieldErrors {
  const words = texts.servers.problems
  const errors: FieldErrors = {}
  if (fields.name.trim() === '') errors.name = words.name
  if (!/^\S+$/.test(fields.host)) errors.host = words.host
  const port = /^\d{1,5}$/.test(fields.port) ? Number(fields.port) : 0
  if (port < 1 || port > 65_535) errors.port = words.port
  if (fields.user.trim() === '') errors.user = words.user
  return errors
}

/** The draft of these fields with an identity to insist on. `extra` = further fields of the sign-in. */
export function draftOf(
  fields: ServerFields,
  { hostKey, extra }: { hostKey: string | null; extra: Record<string, string> },
): CredentialDraft {
  const { host, port, user } = fields
  return {
    type: 'sftp',
    name: fields.name.trim(),
    fields: { host, port, user: user.trim(), ...extra },
    hostKey,
    tags: [],
  }
}
