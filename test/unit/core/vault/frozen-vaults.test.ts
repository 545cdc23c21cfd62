import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fromUtf8 } from '../../../../main/core/crypto/bytes.ts'
import { deriveKey } from '../../../../main/core/crypto/kdf.ts'
import { VaultSettings } from '../../../../main/model/vault.ts'
import { createKit, unlock } from './kit.ts'

const FIXTURES = join(import.meta.dirname, '../../../fixtures')

describe('frozen vaults', () => {
  it('are all named here, so that none can be forgotten', () => {
    const folders = readdirSync(FIXTURES, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(folders.map(({ name }) => name).filter((name) => name.startsWith('vault-'))).toEqual([
      'vault-1',
      'vault-2',
    ])
  })

  it('of version 1 open with everything they hold', async () => {
    const kit = await createKit({ derive: deriveKey })
    kit.files.content.set('vault.json', readFileSync(join(FIXTURES, 'vault-1/vault.json')))
    const vault = kit.open()
    await unlock(vault, 'correct horse battery stäple')

    const credentials = await vault.listCredentials()
    const secrets: Record<string, string> = {}
    for (const { id, name, secrets: names } of credentials) {
      for (const field of names) secrets[`${name}.${field}`] = fromUtf8(await vault.revealSecret(id, field))
    }
    const [job] = await vault.listJobs()
    expect({
      credentials: credentials.map(({ name, rev, fields, tags }) => ({ name, rev, fields, tags })),
      secrets,
      job: [job?.name, job?.remote, job?.filters, job?.maxDelete, job?.local],
      settings: await vault.settings(),
      labels: Object.values(await vault.deviceLabels()),
    }).toEqual({
      credentials: [
        { name: 'nas', rev: 2, fields: { host: 'nas.example', user: 'ana' }, tags: ['home'] },
        { name: 'büro', rev: 1, fields: { host: 'web.example', port: '2222', user: 'www' }, tags: [] },
      ],
      secrets: {
        'nas.password': 's3cret ✓',
        'nas.passphrase': 'p',
        'büro.privateKey': '-----BEGIN KEY-----\nabc\n',
      },
      job: ['photos', 'photos', ['*.tmp'], '10%', ''],
      // Written before some of these were there: they take their defaults.
      settings: VaultSettings.parse({ lockAfterIdleMs: 600_000 }),
      labels: ['fixture', 'desk'],
    })
  })
})
