import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { connectorFor, connectors } from '../../../main/connectors/registry.ts'
import { CredentialType } from '../../../main/model/credential-types.ts'

const folder = new URL('../../../main/connectors/', import.meta.url)

describe('the registry of connectors', () => {
  it('lists exactly the folders beside it, by their kind', () => {
    const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(connectors.map(({ kind }) => kind).sort()).toEqual(folders.map(({ name }) => name).sort())
  })

  it('has no connector but of the kind that a credential names', () => {
    const kinds = CredentialType.options.map((type) => [type, connectorFor(type)?.kind ?? null])
    expect(kinds.filter(([, kind]) => kind !== null)).toEqual([['sftp', 'sftp']])
  })

  it('names each field of a connector once, and gives choices to choices only', () => {
    for (const { fields } of connectors) {
      expect(fields.map(({ name }) => name)).toEqual([...new Set(fields.map(({ name }) => name))])
      for (const field of fields) expect(field.choices !== undefined).toBe(field.type === 'choice')
    }
  })
})
