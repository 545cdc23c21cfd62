import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openHome } from '../../../main/adapters/home-folder.ts'
import { createNodeVault } from '../../../main/adapters/node-vault.ts'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import { tempFolder } from '../../helpers/temp-home.ts'

const SCRIPT = join(import.meta.dirname, '../../fixtures/open_vault.py')
const silent = { info: () => {}, warn: () => {}, error: () => {} }

/** The need of this suite, as a sentence instead of a stack trace. */
function requirePython(): void {
  const { status } = spawnSync('python3', ['-c', 'import cryptography'])
  if (status !== 0) throw new Error('needs: apt-get install --no-install-recommends python3-cryptography')
}

describe('open_vault.py', () => {
  it('is 15 lines, and prints a credential of a vault that this program wrote', async () => {
    requirePython()
    const home = openHome(await tempFolder()).path
    const vault = createNodeVault({ home, log: silent })
    // Decomposed on one side, composed on the other: NFC makes them one password.
    await vault.init(utf8('pa\u0308sswort mit Umlaut'), { iterations: 600_000 })
    const draft = { type: 'sftp' as const, hostKey: null, tags: [] }
    const gone = await vault.addCredential({ ...draft, name: 'büro', fields: { host: 'old' } }, {})
    await vault.removeCredential(gone.id)
    const fields = { host: 'nas.example', user: 'ana' }
    const { id } = await vault.addCredential({ ...draft, name: 'büro', fields }, { password: utf8('first') })
    await vault.editCredential(id, {}, { password: utf8('s3cret ✓ "\\') })
    await vault.changePassword(
      { password: utf8('p\u00e4sswort mit Umlaut') },
      utf8('p\u00e4sswort zwei mit Umlaut'),
    )
    await vault.lock()

    const printed = execFileSync('python3', [SCRIPT, join(home, 'vault.json'), 'büro'], {
      input: 'pa\u0308sswort zwei mit Umlaut\n',
      env: { PATH: process.env['PATH'], PYTHONUTF8: '1' },
    })
    const lines = readFileSync(SCRIPT, 'utf8').trimEnd().split('\n').length
    expect([lines, JSON.parse(printed.toString())]).toEqual([15, { ...fields, password: 's3cret ✓ "\\' }])
  })
})
