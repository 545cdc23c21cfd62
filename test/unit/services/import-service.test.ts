import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../main/core/crypto/bytes.ts'
import type { ImportRequest, OpenImport } from '../../../main/services/import-service.ts'
import { certificateFile } from '../../helpers/certificates.ts'
import { tempFolder } from '../../helpers/temp-home.ts'
import { createUnlockedBench } from './support.ts'
import type { Bench } from './support.ts'

const pem = '-----BEGIN OPENSSH PRIVATE KEY-----\ncanary\n-----END OPENSSH PRIVATE KEY-----\n'

function request(text: string | Uint8Array, changes: Partial<ImportRequest> = {}): ImportRequest {
  return {
    format: 'csv',
    bytes: typeof text === 'string' ? utf8(text) : text,
    password: null,
    allowSlowKdf: false,
    localUser: 'me',
    ...changes,
  }
}

const open = (bench: Bench, text: string, changes: Partial<ImportRequest> = {}): Promise<OpenImport> =>
  bench.services.imports.open(request(text, changes))
const names = async ({ services }: Bench): Promise<readonly string[]> =>
  (await services.credentials.list()).map(({ name }) => name)

const table = 'name,host,user,password\nnas,nas.example,anna,first\nbox,box.example,anna,second\n'

describe('createImportService', () => {
  it('stores nothing before it is told to, then what is new, in one write', async () => {
    const bench = await createUnlockedBench()
    const read = await open(bench, table)
    expect([read.entries.map(({ state }) => state), await names(bench)]).toEqual([['new', 'new'], []])
    const epoch = await bench.ports.vault.unlocked().epoch()
    const taken = await read.take(null)
    expect(taken.map(({ number, name, rev }) => [number, name, rev])).toEqual([
      [1, 'nas', 1],
      [2, 'box', 1],
    ])
    expect(await bench.ports.vault.unlocked().epoch()).toBe(epoch + 1)
    const { id } = await bench.services.credentials.find('box')
    expect(fromUtf8(await bench.services.credentials.reveal(id, 'password'))).toBe('second')
  })

  it('recognises at the second time what came in at the first, and takes it again when it is chosen', async () => {
    const bench = await createUnlockedBench()
    await (await open(bench, table)).take(null)
    const again = await open(bench, table)
    expect(again.entries.map(({ state, duplicateOf }) => [state, duplicateOf])).toEqual([
      ['duplicate', 'nas'],
      ['duplicate', 'box'],
    ])
    expect(await again.take(null)).toEqual([])
    expect(await (await open(bench, table)).take([2])).toMatchObject([{ number: 2, name: 'box (2)' }])
    expect(await names(bench)).toEqual(['nas', 'box', 'box (2)'])
  })

  it('reads key files into the vault; what is no private key stays a path', async () => {
    const bench = await createUnlockedBench()
    const folder = await tempFolder()
    const key = join(folder, 'key')
    const notes = join(folder, 'notes')
    await writeFile(key, pem)
    await writeFile(notes, 'canary of another file')
    const text = `host,user,keyFile\na,u,${key}\nb,u,${notes}\nc,u,${join(folder, 'gone')}\nd,u,${key}\n`
    const read = await open(bench, text)
    expect(read.entries.map(({ secrets, notes }) => [secrets, notes])).toEqual([
      [['privateKey'], []],
      [[], ['key-file-not-read']],
      [[], ['key-file-not-read']],
      [['privateKey'], []],
    ])
    const [first, second] = await read.take(null)
    expect(fromUtf8(await bench.services.credentials.reveal(first?.id ?? '', 'privateKey'))).toBe(pem)
    expect((await bench.services.credentials.find(second?.name ?? '')).fields).toMatchObject({
      keyFile: notes,
    })
  })

  it('brings the certificate of a key along, and nothing else that such a path names', async () => {
    const bench = await createUnlockedBench()
    const folder = await tempFolder()
    await writeFile(join(folder, 'key'), certificateFile('user-ed25519-key'))
    await writeFile(join(folder, 'notes'), 'canary of another file')
    for (const kind of ['user-ed25519', 'user-rsa', 'host-ed25519'])
      await writeFile(join(folder, kind), certificateFile(`${kind}-cert.pub`))
    const host = (name: string, key: string, certificate: string): string =>
      `Host ${name}\nIdentityFile ${join(folder, key)}\nCertificateFile ${certificate}\n`
    const text = [
      host('own', 'key', join(folder, 'user-ed25519')),
      host('left', 'gone', join(folder, 'user-rsa')),
      host('foreign', 'key', join(folder, 'user-rsa')),
      host('server', 'key', join(folder, 'host-ed25519')),
      host('notes', 'key', join(folder, 'notes')),
      host('far', 'key', '//host/share/cert'),
      host('gone', 'key', join(folder, 'gone')),
    ].join('')
    const read = await open(bench, text, { format: 'openssh' })
    expect(read.entries.map(({ as, notes }) => [as, notes])).toEqual([
      ['own', []],
      ['left', ['key-file-not-read']],
      ...['foreign', 'server', 'notes', 'far', 'gone'].map((name) => [name, ['certificate-left-out']]),
    ])
    await read.take(null)
    const stored = await bench.services.credentials.list()
    expect(stored.map(({ name, fields }) => [name, fields['certificate'] ?? null]).sort()).toEqual(
      [
        ['own', certificateFile('user-ed25519-cert.pub').trim()],
        ['left', certificateFile('user-rsa-cert.pub').trim()],
        ...['foreign', 'server', 'notes', 'far', 'gone'].map((name) => [name, null]),
      ].sort(),
    )
  })

  it('asks no other computer for a key file, whatever a path says', async () => {
    const bench = await createUnlockedBench()
    const paths = ['\\\\host\\share\\key', '//host/share/key', '\\\\?\\UNC\\host\\key']
    const folder = await tempFolder()
    await writeFile(join(folder, 'key'), pem)
    // What is a private key on this computer would be taken, so that it is the path alone that is refused.
    const text = `host,user,keyFile\n${[...paths, `/${folder}/key`].map((path, at) => `h${at},u,${path}\n`).join('')}`
    const read = await open(bench, text)
    expect(read.entries.map(({ notes }) => notes)).toEqual(
      Array.from({ length: 4 }, () => ['key-file-not-read']),
    )
  })

  it('copies no more than 16 MiB of a key file that every entry names', async () => {
    const bench = await createUnlockedBench()
    const key = join(await tempFolder(), 'key')
    await writeFile(key, `-----BEGIN PRIVATE KEY-----\n${'A'.repeat(60_000)}`)
    const rows = Array.from({ length: 300 }, (_, at) => `h${at},u,${key}\n`)
    const read = await open(bench, `host,user,keyFile\n${rows.join('')}`)
    const withKey = read.entries.filter(({ secrets }) => secrets.includes('privateKey'))
    expect(withKey).toHaveLength(Math.floor((16 * 1024 * 1024) / 60_028))
    read.close()
  })

  it('wipes the file and its password, whatever comes of it', async () => {
    const bench = await createUnlockedBench()
    const file = join(import.meta.dirname, '../../fixtures/import/rclone-encrypted.conf')
    for (const word of ['config pass phrase', 'wrong']) {
      const bytes = Uint8Array.from(readFileSync(file))
      const password = utf8(word)
      await bench.services.imports.open(request(bytes, { format: 'rclone', password })).catch(() => null)
      expect([...bytes, ...password].every((byte) => byte === 0)).toBe(true)
    }
  })

  it('needs an unlocked vault', async () => {
    const bench = await createUnlockedBench()
    await bench.services.vault.lock({ stopJobs: false })
    await expect(open(bench, table)).rejects.toMatchObject({ code: 'locked' })
    const bytes = utf8(table)
    const password = utf8('of the file')
    const opening = bench.services.imports.open(request(bytes, { password }))
    await expect(opening).rejects.toMatchObject({ code: 'locked' })
    expect([...bytes, ...password].every((byte) => byte === 0)).toBe(true)
  })

  it('stores nothing a second time or after it was closed, when the secrets are wiped', async () => {
    const bench = await createUnlockedBench()
    const read = await open(bench, table)
    await read.take([1])
    await expect(read.take([2])).rejects.toMatchObject({ code: 'bad-request' })
    const closed = await open(bench, table)
    closed.close()
    await expect(closed.take([2])).rejects.toMatchObject({ code: 'bad-request' })
    expect(await names(bench)).toEqual(['nas'])
  })

  it('adds no job, whatever a file says', async () => {
    const bench = await createUnlockedBench()
    const text = 'name,host,user,password,job,hook,schedule\nnas,h,u,p,docs,touch /tmp/x,@daily\n'
    await (await open(bench, text)).take(null)
    expect(await bench.services.jobs.list()).toEqual([])
    expect(await bench.services.credentials.find('nas')).toMatchObject({
      fields: { host: 'h', port: '22', user: 'u' },
      // What has no column of its own is text in the notes, and nothing else.
      secrets: ['notes', 'password'],
      hostKey: null,
    })
  })
})
