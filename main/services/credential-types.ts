import type { FieldInfo } from '../contract/calls.ts'
import { connectorFor, credentialKinds } from '../connectors/registry.ts'
import type { CredentialType } from '../model/credential.ts'

/** Kinds of credential with the fields of their connector, for forms and help. */
export function credentialTypes(): { type: CredentialType; fields: FieldInfo[] }[] {
  return credentialKinds.map((type) => ({
    type,
    fields: connectorFor(type).fields.map((field) => ({
      name: field.name,
      type: field.type,
      required: field.required,
      advanced: field.advanced ?? false,
      choices: [...(field.choices ?? [])],
      defaultValue: field.defaultValue ?? null,
      multiline: field.multiline ?? false,
    })),
  }))
}
