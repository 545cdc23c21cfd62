import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkFile, checkTree } from '../../../build/scripts/check-layers.mjs'
import { layers, packages } from '../../../build/scripts/layers.mjs'

const root = path.resolve(import.meta.dirname, '../../..')

/** One forbidden import for each layer: file, imported name, part of the message. */
const FORBIDDEN: [file: string, name: string, message: string][] = [
  ['main/model/job.ts', '../core/jobs/next-run.ts', 'the model is plain data'],
  ['main/contract/calls.ts', '../services/jobs.ts', 'the contract describes calls'],
  ['main/messages/errors.ts', '../core/remote/remote.ts', 'messages are data'],
  ['main/core/vault/vault.ts', '../../adapters/file-store.ts', 'through core/ports'],
  ['main/core/vault/vault.ts', 'node:crypto', 'not a Node module of this layer'],
  ['main/core/crypto/fernet.ts', 'node:fs', 'not a Node module of this layer'],
  ['main/connectors/webdav/webdav.ts', 'node:fs', 'not a Node module of this layer'],
  ['main/connectors/webdav/webdav.ts', '../../core/vault/vault.ts', 'knows its protocol'],
  ['main/connectors/sftp/sftp.ts', '../local/local.ts', 'knows its protocol'],
  ['main/connectors/local/local.ts', '../../adapters/file-store.ts', 'adds the file system'],
  ['main/connectors/memory/memory.ts', 'node:fs', 'not a Node module of this layer'],
  ['main/connectors/registry.ts', '../adapters/file-store.ts', 'lists the connectors'],
  ['main/adapters/keychain.ts', '../services/jobs.ts', 'adapters implement ports'],
  ['main/services/jobs.ts', '../connectors/sftp/sftp.ts', 'use-cases over core and ports'],
  ['main/services/jobs.ts', 'node:fs', 'not a Node module of this layer'],
  ['main/worker/main.ts', '../services/jobs.ts', 'a worker runs one job'],
  ['main/vault-process/main.ts', '../connectors/registry.ts', 'has no connector'],
  ['main/import-process/main.ts', '../services/jobs.ts', 'has no vault'],
  ['main/keychain-helper/main.ts', '../core/vault/vault.ts', 'makes one keychain call'],
  ['main/cli/main.ts', '../core/vault/vault.ts', 'rules live in core'],
  ['main/desktop/main.ts', '../core/vault/vault.ts', 'rules live in core'],
  ['renderer/App.vue', '../main/services/jobs.ts', 'through renderer/api'],
  ['renderer/App.vue', '../main/contract/calls.ts', 'only types may be imported from there'],
  ['renderer/api/api.ts', '../features/jobs/use-jobs.ts', 'knows no screen'],
  ['renderer/ui/button.ts', '../features/jobs/use-jobs.ts', 'know nothing of the domain'],
  ['renderer/styles/tokens.ts', '../ui/button.ts', 'styles are tokens'],
  ['renderer/i18n/texts.ts', '../ui/button.ts', 'texts depend on no screen'],
  ['renderer/proofs/proof.ts', '../features/unlock/unlock.ts', 'asked for in several features'],
  ['renderer/features/jobs/use-jobs.ts', '../unlock/use-unlock.ts', 'never from another feature'],
  ['main/core/vault/vault.ts', '../../../test/helpers/fake-clock.ts', 'through core/ports'],
]

const problems = (file: string, text: string) => checkFile(file, text)

describe('checkFile', () => {
  it.each(FORBIDDEN)('refuses %s importing %s', (file, name, message) => {
    const text = `import { x } from '${name}'`
    expect(problems(file, file.endsWith('.vue') ? `<script setup>${text}</script>` : text)).toEqual([
      expect.stringContaining(message),
    ])
  })

  it('has a forbidden import here for every layer of the table', () => {
    const tested = FORBIDDEN.map(([file]) => file)
    const untested = layers.filter(
      ({ at }) => !tested.some((file) => file === at || file.startsWith(`${at}/`)),
    )
    expect(untested).toEqual([])
  })

  it.each(Object.keys(packages))('refuses %s outside its folders', (name) => {
    const at = name === 'electron' ? 'main/cli/main.ts' : 'main/messages/errors.ts'
    expect(problems(at, `import x from '${name}'`)).toEqual([
      expect.stringContaining('this package belongs to'),
    ])
  })

  it('refuses a package that is not listed, and a folder that is not', () => {
    expect(problems('main/cli/main.ts', "import x from 'left-pad'")[0]).toContain('not listed')
    expect(problems('main/brand-new/x.ts', "import x from './y.ts'")[0]).toContain('in no layer')
  })

  it('refuses a Node module by its bare name', () => {
    expect(problems('main/core/crypto/fernet.ts', "import x from 'crypto'")[0]).toContain('not a Node module')
  })

  it.each([
    ["import type { X } from 'electron'"],
    ["export { x } from 'electron'"],
    ["export * from 'electron'"],
    ["const x = await import('electron')"],
    ["import 'electron'"],
    ["import electron = require('electron')"],
    ["type X = import('electron').App"],
    ["import {\n  a,\n  b,\n} from 'electron'"],
    ["import x from 'electron/main'"],
  ])('sees %s', (text) => {
    expect(problems('main/services/jobs.ts', text)).toHaveLength(1)
  })

  it('does not take a comment or a string for an import', () => {
    const text = "// import x from 'electron'\nconst text = \"import x from 'electron'\"\n"
    expect(problems('main/services/jobs.ts', text)).toEqual([])
  })

  it('lets the page import types of the contract and the model, but no value beside a type', () => {
    const type = "import type { Calls } from '../../main/contract/calls.ts'"
    expect(problems('renderer/api/api.ts', type)).toEqual([])
    expect(problems('renderer/api/api.ts', `${type}\n${type.replace('type ', '')}`)).not.toEqual([])
  })

  it.each([
    ['main/core/vault/vault.ts', '../crypto/fernet.ts'],
    ['main/core/crypto/fernet.ts', 'node:crypto'],
    ['main/connectors/registry.ts', './sftp/sftp.ts'],
    ['main/services/jobs.ts', '../connectors/registry.ts'],
    ['main/desktop/main.ts', 'electron'],
    ['renderer/features/jobs/use-jobs.ts', '../../ui/button.ts'],
    ['renderer/features/jobs/use-jobs.ts', './job-row.ts'],
  ])('lets %s import %s', (file, name) => {
    expect(problems(file, `import { x } from '${name}'`)).toEqual([])
  })
})

describe('checkTree', () => {
  it('finds the real tree clean', () => {
    expect(checkTree(root)).toEqual([])
  })
})
