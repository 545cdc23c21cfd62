import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { connectorFor, connectors, credentialKinds } from '../../../main/connectors/registry.ts'
import { CredentialType } from '../../../main/model/credential.ts'

const folder = new URL('../../../main/connectors/', import.meta.url)

describe('the registry of connectors', () => {
  it('lists exactly the folders beside it, by their kind', () => {
    const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(connectors.map(({ kind }) => kind).sort()).toEqual(folders.map(({ name }) => name).sort())
  })

  it('has a connector for exactly the types that a credential can have', () => {
    expect([...credentialKinds].sort()).toEqual([...CredentialType.options].sort())
    for (const kind of credentialKinds) expect(connectorFor(kind).kind).toBe(kind)
  })

  it('names each field of a connector once, and gives choices to choices only', () => {
    for (const { fields } of connectors) {
      expect(fields.map(({ name }) => name)).toEqual([...new Set(fields.map(({ name }) => name))])
      for (const field of fields) expect(field.choices !== undefined).toBe(field.type === 'choice')
    }
  })
})
