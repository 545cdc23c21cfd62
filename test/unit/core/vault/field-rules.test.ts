import { describe, expect, it } from 'vitest'
import { connectorFor } from '../../../../main/connectors/registry.ts'
import { fieldRules } from '../../../../main/core/vault/field-rules.ts'
import { CredentialType } from '../../../../main/model/credential.ts'

describe('fieldRules', () => {
  it('say of every kind of credential what its connector says of itself', () => {
    const declared = CredentialType.options.map((type) => {
      const { fields } = connectorFor(type)
      const server = fields.filter((field) => field.identifiesServer === true)
      const rules = {
        deviceOnly: fields.filter((field) => field.deviceOnly === true).map(({ name }) => name),
        identifiesServer: Object.fromEntries(
          server.map(({ name, defaultValue }) => [name, defaultValue ?? '']),
        ),
      }
      return [type, rules]
    })
    expect(fieldRules).toEqual(Object.fromEntries(declared))
  })
})
