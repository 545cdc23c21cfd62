import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { runCli } from './run-cli.ts'
import type { CliResult } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'fernsync-types-'))
const home = join(folder, 'home')
const password = join(folder, 'password')
const env = { FERNSYNC_HOME: home, FERNSYNC_PASSWORD_FILE: password }

const run = (args: readonly string[], input?: unknown): CliResult =>
  runCli(['--json', '--allow-slow-kdf', ...args], {
    env,
    ...(input === undefined ? {} : { input: JSON.stringify(input) }),
  })
const answer = (args: readonly string[], input?: unknown): unknown => {
  const { exit, out, err } = run(args, input)
  expect(exit, err).toBe(0)
  return JSON.parse(out)
}
const codeOf = ({ out, exit }: CliResult): readonly [number | null, string] => [
  exit,
  z.object({ error: z.object({ code: z.string() }) }).parse(JSON.parse(out)).error.code,
]
const revealed = (name: string, ...more: string[]): unknown =>
  z
    .object({ credential: z.object({ revealed: z.record(z.string(), z.string()) }) })
    .parse(answer(['credential', 'show', name, '--reveal', ...more])).credential.revealed

beforeAll(() => {
  writeFileSync(password, 'correct horse battery\n')
  const made = run(['vault', 'init', '--iterations', '600000'])
  if (made.exit !== 0) throw new Error(made.err)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('credential --type', () => {
  it('keeps what nothing connects with yet, and says so when asked to connect', () => {
    const s3 = ['--type', 's3', '--field', 'bucket=photos', '--field', 'accessKeyId=AK', '--field']
    answer(['credential', 'add', 'S3', ...s3, 'endpoint=https://s3.example', '--stdin'], {
      secretAccessKey: 'deep-secret',
    })
    expect(answer(['credential', 'show', 'S3'])).toMatchObject({
      credential: {
        type: 's3',
        secrets: ['secretAccessKey'],
        hostKey: null,
        needsSignIn: false,
        lastUsed: null,
      },
    })
    expect(revealed('S3')).toEqual({ secretAccessKey: 'deep-secret' })
    const local = join(folder, 'local')
    const job = ['--credential', 'S3', '--local', folder, '--remote', 'x', '--mode', 'two-way']
    for (const command of [
      ['credential', 'test', 'S3'],
      ['remote', 'ls', 'S3'],
      ['job', 'add', local, ...job],
    ])
      expect(codeOf(run(command))).toEqual([2, 'unsupported'])
  })

  it.for([
    ['webdav', ['url=ftp://x'], 'url'],
    ['ftp', ['host=h', 'user=u', 'tls=maybe'], 'tls'],
    ['smb', ['host=h', 'user=u'], 'share'],
    ['s3', ['bucket=b', 'accessKeyId=a', 'endpoint=https://u:p@h'], 'endpoint'],
    ['sftp', ['host=h', 'user=u', 'share=x'], 'share'],
  ] as const)('refuses a %s with %j, naming the field', ([type, fields, field]) => {
    const given = fields.flatMap((one) => ['--field', one])
    const { exit, out } = run(['credential', 'add', 'bad', '--type', type, ...given])
    expect([exit, JSON.parse(out)]).toMatchObject([2, { error: { code: 'bad-request', field } }])
  })

  it('refuses a pin where there is no identity, and a kind that does not exist', () => {
    const pin = ['--trust-host-key', `SHA256:${'a'.repeat(43)}`]
    const smb = ['--type', 'smb', '--field', 'host=h', '--field', 'user=u', '--field', 'share=s']
    expect(codeOf(run(['credential', 'add', 'bad', ...smb, ...pin]))).toEqual([2, 'bad-request'])
    expect(codeOf(run(['credential', 'add', 'bad', '--type', 'gopher']))).toEqual([2, 'unsupported'])
  })

  it('takes secrets of any name for a generic one', () => {
    const secrets = { 'Recovery code 1': 'r1', notes: 'line 1\nline 2', password: 'pw1' }
    answer(['credential', 'add', 'Bank', '--type', 'generic', '--field', 'user=mira', '--stdin'], secrets)
    expect(revealed('Bank')).toEqual(secrets)
  })

  it("keeps a cloud's token on this device, and says when it is not there", () => {
    answer(['credential', 'add', 'Drive', '--type', 'oauth', '--field', 'provider=dropbox'])
    expect(answer(['credential', 'show', 'Drive'])).toMatchObject({ credential: { needsSignIn: true } })
    answer(['credential', 'edit', 'Drive', '--stdin'], { token: 't0ken' })
    expect(answer(['credential', 'show', 'Drive'])).toMatchObject({
      credential: { needsSignIn: false, secrets: ['token'] },
    })
  })
})

describe('tags and ends', () => {
  it('are edited, shown and filtered by', () => {
    answer(['credential', 'edit', 'Bank', '--tag', 'money', '--tag', 'home', '--expires', '2999-01-31'])
    answer(['credential', 'edit', 'Bank', '--tag', 'home', '--tag', 'new', '--remove-tag', 'money'])
    expect(answer(['credential', 'show', 'Bank'])).toMatchObject({
      credential: { tags: ['home', 'new'], expires: '2999-01-31' },
    })
    const names = (...args: string[]): unknown =>
      z
        .object({ credentials: z.array(z.object({ name: z.string() })) })
        .parse(answer(['credential', 'list', ...args]))
        .credentials.map(({ name }) => name)
    expect([names('--tag', 'home'), names('--tag', 'home', '--tag', 'x'), names('--type', 's3')]).toEqual([
      ['Bank'],
      [],
      ['S3'],
    ])
    answer(['credential', 'edit', 'Bank', '--expires', 'never'])
    expect(answer(['credential', 'show', 'Bank'])).toMatchObject({ credential: { expires: null } })
  })

  it('refuses a day that is none', () => {
    expect(codeOf(run(['credential', 'edit', 'Bank', '--expires', '2027-02-30']))).toEqual([2, 'usage'])
  })
})

describe('old revisions', () => {
  it('are listed by what changed, shown, restored and erased', () => {
    answer(['credential', 'edit', 'Bank', '--stdin'], { password: 'pw2' })
    const listed = z
      .object({
        credential: z.literal('Bank'),
        revisions: z.array(z.object({ rev: z.int(), changes: z.array(z.string()) })),
      })
      .parse(answer(['credential', 'revisions', 'Bank']))
    expect(listed.revisions.map(({ rev, changes }) => [rev, changes.join()])).toEqual([
      [5, 'password'],
      [4, 'expires'],
      [3, 'tags'],
      [2, 'tags,expires'],
      [1, ''],
    ])
    expect(revealed('Bank', '--rev', '1')).toMatchObject({ password: 'pw1' })
    expect(answer(['credential', 'restore', 'Bank', '1'])).toMatchObject({ ok: true, rev: 6 })
    expect(revealed('Bank')).toMatchObject({ password: 'pw1' })
    expect(answer(['credential', 'purge-revisions', 'Bank'])).toEqual({ ok: true, purged: 1 })
    expect(answer(['credential', 'revisions', 'Bank'])).toMatchObject({ revisions: [{ rev: 7 }] })
    const copies = readdirSync(home).filter((name) => /^vault\.json(\.\d)?$/.test(name))
    const texts = new Set(copies.map((name) => readFileSync(join(home, name), 'utf8')))
    expect([copies.length, texts.size]).toEqual([4, 1])
    expect(answer(['credential', 'purge-revisions', '--all'])).toMatchObject({ ok: true })
  })

  it('answers 2 to what is not there, and to erasing neither one nor all', () => {
    expect([
      codeOf(run(['credential', 'restore', 'Bank', '99'])),
      codeOf(run(['credential', 'restore', 'Bank', '7'])),
      codeOf(run(['credential', 'show', 'Bank', '--reveal', '--rev', '99'])),
      codeOf(run(['credential', 'show', 'Bank', '--rev', '1'])),
      codeOf(run(['credential', 'purge-revisions'])),
      codeOf(run(['credential', 'purge-revisions', 'Bank', '--all'])),
    ]).toEqual([
      [2, 'unknown-name'],
      [2, 'usage'],
      [2, 'unknown-name'],
      [2, 'usage'],
      [2, 'usage'],
      [2, 'usage'],
    ])
  })
})

describe('generate', () => {
  it('prints a password without a vault', () => {
    const bare = runCli(['generate', 'password', '--length', '32', '--no-symbols', '--no-look-alikes'])
    expect(bare.exit, bare.err).toBe(0)
    expect(bare.out).toMatch(/^[a-km-zA-HJ-NP-Z2-9]{32}\n$/)
    const { bits } = z.object({ bits: z.int() }).parse(answer(['generate', 'password']))
    expect(bits).toBeGreaterThan(128)
  })

  it('stores one unseen', () => {
    const args = [
      'generate',
      'password',
      '--credential',
      'Bank',
      '--field',
      'PIN',
      '--no-lower',
      '--no-upper',
    ]
    const { exit, out, err } = run([...args, '--no-symbols', '--length', '12'])
    const { PIN } = z.object({ PIN: z.string() }).parse(revealed('Bank'))
    expect(PIN).toMatch(/^\d{12}$/)
    expect([exit, (out + err).includes(PIN)]).toEqual([0, false])
    expect(JSON.parse(out)).toMatchObject({ ok: true, name: 'Bank', field: 'PIN', bits: 39 })
  })

  it('makes a key that ssh-keygen reads, and prints its public half only', () => {
    answer([
      'credential',
      'add',
      'nas',
      '--type',
      'sftp',
      '--field',
      'host=192.0.2.1',
      '--field',
      'user=mira',
    ])
    const made = z
      .object({ publicKey: z.string(), fingerprint: z.string() })
      .parse(answer(['generate', 'ssh-key', '--credential', 'nas', '--comment', 'mira@desk']))
    const { privateKey } = z.object({ privateKey: z.string() }).parse(revealed('nas'))
    const file = join(folder, 'id')
    writeFileSync(file, privateKey, { mode: 0o600 })
    const line = execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' }).trim()
    expect([made.publicKey, made.publicKey.endsWith(' mira@desk')]).toEqual([line, true])
    expect(answer(['credential', 'show', 'nas'])).toMatchObject({
      credential: { fields: { publicKey: line } },
    })
  })

  it('refuses lengths out of bounds, no class at all, and a field without a place', () => {
    const none = ['--no-lower', '--no-upper', '--no-digits', '--no-symbols']
    for (const args of [['--length', '11'], ['--length', '129'], none, ['--field', 'x']])
      expect(codeOf(run(['generate', 'password', ...args]))).toEqual([2, 'usage'])
    expect(codeOf(run(['generate', 'ssh-key', '--credential', 'Bank']))).toEqual([2, 'bad-request'])
  })
})
