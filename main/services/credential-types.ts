import type { CredentialTypeInfo } from '../contract/calls.ts'
import { connectorFor } from '../connectors/registry.ts'
import { AppError } from '../model/app-error.ts'
import { CredentialType, credentialTypeTable } from '../model/credential-types.ts'

/** Kinds of credential with their fields and whether a job can use them, for forms and help. */
export function credentialTypes(): CredentialTypeInfo[] {
  return CredentialType.options.map((type) => {
    const { fields, hasFreeSecrets, hasIdentity } = credentialTypeTable[type]
    return {
      type,
      connects: canConnect(type),
      hasFreeSecrets,
      hasIdentity,
      fields: fields.map((field) => ({
        name: field.name,
        type: field.type,
        required: field.required,
        advanced: field.advanced,
        choices: [...field.choices],
        defaultValue: field.defaultValue,
        multiline: field.multiline,
        identifiesServer: field.identifiesServer,
      })),
    }
  })
}

export function canConnect(type: CredentialType): boolean {
  return connectorFor(type) !== null
}

/** Throws AppError('unsupported') for a kind that is kept but cannot be connected with. */
export function requireConnector(type: CredentialType): void {
  if (canConnect(type)) return
  const why = 'Fernsync keeps this sign-in; it cannot connect with this kind of server yet.'
  throw new AppError('unsupported', 'kind without a connector', { details: { type, why } })
}
