import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createNodeKeyFiles } from '../../../main/adapters/node-key-files.ts'
import { nodeRandom } from '../../../main/adapters/node-random.ts'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import { createPathTokens } from '../../../main/services/path-tokens.ts'
import { transferHandlers } from '../../../main/services/transfer-handlers.ts'
import { tempFolder } from '../../helpers/temp-home.ts'
import { createUnlockedBench, PASSWORD } from './support.ts'

const FILE_PASSWORD = 'password of the file'
const SECRET = 'the canary in the attic'
const withCode = (code: string): unknown => expect.objectContaining({ code })
const password = (text = PASSWORD, keyFile: string | null = null) => ({ password: utf8(text), keyFile })

/** The handlers over an open vault with one sign-in, and a folder to write to. */
async function bench() {
  const { services, ports } = await createUnlockedBench()
  const folder = await tempFolder()
  const answers: { newFile: string | null; file: string | null } = { newFile: null, file: null }
  const tokens = createPathTokens(nodeRandom)
  const folderPicker = {
    pickFolder: () => Promise.resolve(null),
    pickFile: () => Promise.resolve(answers.file),
    pickNewFile: () => Promise.resolve(answers.newFile),
  }
  const calls = transferHandlers({ ports, desktop: { folderPicker }, services }, tokens)
  const fields = { host: 'nas.example', user: 'ana' }
  const draft = { name: 'Attic', type: 'sftp' as const, fields, hostKey: null, tags: [] }
  const { id } = await services.credentials.add(draft, { password: utf8(SECRET) })

  const place = async (name: string): Promise<string> => {
    answers.newFile = join(folder, name)
    const picked = await calls['dialogs.pickExportFile']({ title: 'Save', name })
    return picked?.token ?? ''
  }
  const pickImport = async (path: string): Promise<string> => {
    answers.file = path
    return (await calls['dialogs.pickImportFile']({ title: 'Open' }))?.token ?? ''
  }
  /** From now on the password needs this key file; answers a fresh token for it each time. */
  const requireKeyFile = async (): Promise<() => string> => {
    const path = join(folder, 'key')
    const content = await services.vault.newKeyFile()
    await createNodeKeyFiles().create(path, content)
    await services.vault.setKeyFile({ password: utf8(PASSWORD) }, content)
    return () => tokens.give(path, 'vault-key-file')
  }
  const exportsWrittenDown = async () =>
    (await services.vault.activity({ before: null, limit: 50, credential: null })).entries.filter(
      ({ event }) => event === 'exported',
    )
  return { calls, services, folder, id, place, pickImport, requireKeyFile, exportsWrittenDown, tokens }
}

describe('the export of one sign-in', () => {
  it('is written for its owner only, under its own password, and written down with its name', async () => {
    const { calls, folder, id, place, pickImport, exportsWrittenDown } = await bench()
    const [proof, own] = [password(), utf8(FILE_PASSWORD)]
    const token = await place('attic.json')
    expect(await calls['exports.credential']({ token, id, proof, password: own })).toEqual({})
    expect([...proof.password, ...own].every((byte) => byte === 0)).toBe(true)
    const file = join(folder, 'attic.json')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readFile(file, 'utf8')).not.toContain(SECRET)
    expect(await exportsWrittenDown()).toMatchObject([
      { detail: 'portable', credential: { id, name: 'Attic' } },
    ])

    // It opens with that password and with no other.
    const open = async (text: string) => {
      const picked = await pickImport(file)
      const request = { token: picked, format: 'portable' as const, keyFile: null, allowSlowKdf: true }
      return calls['imports.open']({ ...request, password: utf8(text) })
    }
    expect((await open(FILE_PASSWORD)).entries.map(({ as }) => as)).toEqual(['Attic (2)'])
    await expect(open(PASSWORD)).rejects.toEqual(withCode('wrong-password'))
  })

  it('needs the master password: without it nothing is written, and the place that was chosen is still good', async () => {
    const { calls, folder, id, place, exportsWrittenDown } = await bench()
    const token = await place('attic.json')
    const ask = (proof: ReturnType<typeof password>) =>
      calls['exports.credential']({ token, id, proof, password: utf8(FILE_PASSWORD) })
    await expect(ask(password('not the right one'))).rejects.toEqual(withCode('wrong-password'))
    expect(await readdir(folder)).toEqual([])
    expect(await exportsWrittenDown()).toEqual([])
    await ask(password())
    expect(await readdir(folder)).toEqual(['attic.json'])
    // What was written is written once.
    await expect(ask(password())).rejects.toEqual(withCode('bad-request'))
  })

  it('refuses a short password of the file before it costs an attempt or a line in the record', async () => {
    const { calls, services, id, place, exportsWrittenDown } = await bench()
    const token = await place('attic.json')
    const own = utf8('short')
    const proof = password('not the right one')
    await expect(calls['exports.credential']({ token, id, proof, password: own })).rejects.toEqual(
      withCode('password-too-short'),
    )
    expect([...proof.password, ...own].every((byte) => byte === 0)).toBe(true)
    expect((await services.vault.status()).throttledForMs).toBe(0)
    expect(await exportsWrittenDown()).toEqual([])
  })

  it('is refused while locked, and what was given is wiped all the same', async () => {
    const { calls, services, id, place } = await bench()
    const token = await place('attic.json')
    await services.vault.lock({ stopJobs: false })
    const [proof, own] = [password(), utf8(FILE_PASSWORD)]
    await expect(calls['exports.credential']({ token, id, proof, password: own })).rejects.toEqual(
      withCode('locked'),
    )
    expect([...proof.password, ...own].every((byte) => byte === 0)).toBe(true)
  })
})

describe('an export of a vault that needs a key file', () => {
  it.for(['plain', 'credential'] as const)(
    'asks for it (%s), takes it once and writes the file',
    async (kind) => {
      const { calls, folder, id, place, requireKeyFile } = await bench()
      const keyFile = await requireKeyFile()
      const token = await place('export.json')
      const ask = (proof: ReturnType<typeof password>): Promise<unknown> =>
        kind === 'plain'
          ? calls['exports.plain']({ token, format: 'json', proof })
          : calls['exports.credential']({ token, id, proof, password: utf8(FILE_PASSWORD) })
      await expect(ask(password())).rejects.toEqual(withCode('key-file-needed'))
      const given = keyFile()
      await expect(ask(password('not the right one', given))).rejects.toEqual(withCode('wrong-password'))
      await ask(password(PASSWORD, given))
      expect(await readdir(folder)).toEqual(['export.json', 'key'])
      await expect(
        calls['exports.plain']({ token, format: 'csv', proof: password(PASSWORD, given) }),
      ).rejects.toEqual(withCode('bad-request'))
    },
  )

  it('reads no file through a token that was given for something else', async () => {
    const { calls, folder, id, place, tokens } = await bench()
    const proof = password(PASSWORD, tokens.give(join(folder, 'id_ed25519'), 'key-file'))
    const token = await place('attic.json')
    await expect(
      calls['exports.credential']({ token, id, proof, password: utf8(FILE_PASSWORD) }),
    ).rejects.toEqual(withCode('bad-request'))
  })
})
