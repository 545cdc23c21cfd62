import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from './run-cli.ts'
import type { CliResult } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'fernsync-import-'))
const home = join(folder, 'home')
const sample = (name: string): string => join(import.meta.dirname, '../../fixtures/import', name)

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const password = file('password', 'correct horse battery\n')
const phrase = file('phrase', 'import phrase\n')
const configPassword = file('config-password', 'config pass phrase\n')

const run = (...args: readonly string[]): CliResult =>
  runCli(['--allow-slow-kdf', '--home', home, '--password-file', password, ...args])

const Answer = z.object({
  ok: z.literal(true),
  format: z.string(),
  dryRun: z.boolean(),
  imported: z.array(z.object({ number: z.int(), id: z.string(), name: z.string(), rev: z.int() })),
  entries: z.array(z.object({ number: z.int(), as: z.string(), state: z.string() }).loose()),
  counts: z.object({ new: z.int(), duplicate: z.int(), unsupported: z.int(), unreadable: z.int() }),
})

function take(exit: number, ...args: readonly string[]): z.infer<typeof Answer> {
  const result = run('--json', 'vault', 'import', ...args)
  expect(result.exit, result.out + result.err).toBe(exit)
  return Answer.parse(JSON.parse(result.out))
}

function failure(...args: readonly string[]): readonly [number | null, string] {
  const { exit, out } = run('--json', 'vault', 'import', ...args)
  return [exit, z.object({ error: z.object({ code: z.string() }) }).parse(JSON.parse(out)).error.code]
}

const secretOf = (name: string): unknown => {
  const { out } = run('--json', 'credential', 'show', name, '--reveal')
  const shape = z.object({ credential: z.object({ revealed: z.unknown() }) })
  return shape.parse(JSON.parse(out)).credential.revealed
}

beforeAll(() => {
  const made = run('vault', 'init', '--iterations', '600000')
  if (made.exit !== 0) throw new Error(made.err)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('vault import', { timeout: 120_000 }, () => {
  const scheme1 = [sample('scheme1-text.json'), '--format', 'scheme1', '--source-password-file', phrase]

  it('shows what would come in, and stores nothing', () => {
    const shown = take(1, ...scheme1, '--dry-run')
    expect(shown).toMatchObject({ dryRun: true, imported: [], counts: { new: 4, unreadable: 1 } })
    expect(shown.entries[3]).toEqual({
      number: 4,
      name: 'damaged',
      as: 'damaged',
      protocol: 'sftp',
      host: null,
      port: null,
      user: 'damaged',
      secrets: [],
      state: 'unreadable',
      problem: 'not-opened',
      duplicateOf: null,
      notes: [],
    })
    expect(run('--json', 'credential', 'list').out).toContain('"credentials": []')
  })

  it('takes the rows that open, says which does not, and ends with 1', () => {
    expect(take(1, ...scheme1).imported.map(({ number, name }) => [number, name])).toEqual([
      [1, 'anna'],
      [2, 'bob'],
      [3, 'carla'],
      [5, 'dora'],
    ])
    expect(secretOf('anna')).toEqual({ password: 's3cret pässword' })
    expect(secretOf('dora')).toEqual({ password: "dora's" })
  })

  it('knows them the second time', () => {
    expect(take(1, ...scheme1)).toMatchObject({ imported: [], counts: { new: 0, duplicate: 4 } })
    expect(take(0, ...scheme1, '--only', '5').imported).toMatchObject([{ number: 5, name: 'dora (2)' }])
  })

  it('takes encrypted rclone.conf, each remote as its kind', () => {
    const args = [sample('rclone-encrypted.conf'), '--format', 'rclone']
    const taken = take(0, ...args, '--source-password-file', configPassword)
    expect(taken.counts).toEqual({ new: 5, duplicate: 0, unsupported: 0, unreadable: 0 })
    expect(secretOf('nas')).toEqual({ password: 's3cret pässword' })
    expect(failure(...args)).toEqual([2, 'usage'])
    expect(failure(...args, '--source-password-file', phrase)).toEqual([3, 'wrong-password'])
  })

  it.for([
    ['filezilla', 'sitemanager.xml', 0, ['Sealed', 'With key']],
    ['winscp', 'WinSCP.ini', 1, ['Büro', 'Long', 'Master']],
    ['openssh', 'ssh_config', 0, ['short', 'quoted']],
    ['csv', 'table.csv', 1, ['bob@plain.example']],
  ] as const)('takes what is new of %s', ([format, name, exit, names]) => {
    const { imported } = take(exit, sample(name), '--format', format)
    expect(imported.map((one) => one.name)).toEqual(names)
    expect(existsSync('/tmp/fernsync-must-not-run')).toBe(false)
  })

  it('takes a KeePass database with a password and a key file, by the name of the file', () => {
    const source = ['--source-password-file', file('kdbx', 'kdbx p&ss <w>örd\n')]
    const key = ['--source-key-file', sample('sample.keyx')]
    const { imported, counts } = take(0, sample('argon2id-keyfile.kdbx'), ...source, ...key)
    expect(imported.map(({ name }) => name)).toEqual(['Mail', 'Files', 'Keyed (2)', 'Web (2)'])
    expect(counts).toEqual({ new: 4, duplicate: 0, unsupported: 1, unreadable: 0 })
    expect(secretOf('Web (2)')).toMatchObject({ password: 'p<w>& "ü" 🔑', notes: 'Two\nlines <é>' })
    expect(take(0, sample('keepassxc.kdbx'), ...source).counts).toMatchObject({ new: 0, duplicate: 4 })
  })

  it('takes a portable credential, and tells the format by the name of the file', () => {
    const source = ['--source-password-file', phrase]
    expect(take(0, sample('portable.json'), '--format', 'portable', ...source).imported).toMatchObject([
      { name: 'portable nas' },
    ])
    expect(take(1, sample('WinSCP.ini'), '--dry-run').format).toBe('winscp')
  })

  it('reads from stdin once only', () => {
    const args = ['--home', home, '--password-file', '-', 'vault', 'import', '-', '--format', 'csv']
    expect(runCli(args, { input: 'host,user\nh,u\n' }).exit).toBe(2)
    const piped = ['--allow-slow-kdf', '--home', home, '--password-file', password, 'vault', 'import', '-']
    const { exit, out } = runCli([...piped, '--format', 'csv'], { input: 'host,user\npiped,u\n' })
    expect([exit, out]).toEqual([0, expect.stringContaining('Added 1 of 1.') as string])
  })

  it.for([
    ['an unknown format', [sample('table.csv'), '--format', 'xml'], [2, 'usage']],
    ['a file that nothing is known of', [file('strange', 'nothing that is known\n')], [2, 'usage']],
    ['a file that is not there', [join(folder, 'gone'), '--format', 'csv'], [2, 'usage']],
    ['a file of another format', [sample('table.csv'), '--format', 'filezilla'], [2, 'import-unreadable']],
    ['a number that is not there', [sample('table.csv'), '--format', 'csv', '--only', '9'], [2, 'usage']],
    ['a choice that cannot come in', [sample('table.csv'), '--format', 'csv', '--only', '3'], [2, 'usage']],
    ['numbers that are none', [sample('table.csv'), '--format', 'csv', '--only', '1,x'], [2, 'usage']],
  ] as const)('ends with 2 for %s', ([, args, ended]) => {
    expect(failure(...args)).toEqual(ended)
  })

  it('asks before derivations that would take over five seconds', () => {
    const rows = Array.from({ length: 40 }, (_, n) => ({
      user: `u${n}`,
      algo: 'pbkdf2_sha256',
      iterations: 10_000_000,
      salt: Buffer.alloc(16, n).toString('base64'),
      secret: Buffer.alloc(73, 0x80).toString('base64url').padEnd(100, '='),
    }))
    const slow = file('slow.json', JSON.stringify(rows))
    const args = ['vault', 'import', slow, '--format', 'scheme1', '--source-password-file', phrase]
    // The vault's own 600,000 iterations are quick enough to be opened without the option.
    const { exit, err } = runCli(['--home', home, '--password-file', password, ...args])
    expect([exit, err]).toEqual([3, expect.stringContaining('[slow-kdf]') as string])
  })

  it('leaves no secret of a file anywhere in the home folder', () => {
    const secrets = ['s3cret', "dora's", "bob's secret", 'key phrase']
    const files = readdirSync(home, { recursive: true, withFileTypes: true })
    const texts = files
      .filter((one) => one.isFile())
      .map((one) => readFileSync(join(one.parentPath, one.name), 'latin1'))
    expect(texts.length).toBeGreaterThan(3)
    for (const secret of secrets) expect(texts.some((text) => text.includes(secret))).toBe(false)
  })
})
