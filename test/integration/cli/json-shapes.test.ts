import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startOpenSsh } from '../../servers/openssh.ts'
import type { OpenSshServer } from '../../servers/openssh.ts'
import { runCli } from './run-cli.ts'

/*
 * The shapes that scripts of others rely on: keys and kinds of values, not the values. Keys are only ever added; a change here is
 * a change of the command line's contract and belongs into the release notes.
 */

const generation = { n: 'int', changed: 'time', ok: 'boolean' }
const slot = { id: 'text', type: 'text', kdf: 'text', iterations: 'int', numbers: { iterations: 'int' } }
const changed = { ok: 'boolean', id: 'uuid', name: 'text', rev: 'int' }
const credential = {
  id: 'uuid',
  name: 'text',
  type: 'text',
  fields: { host: 'text', port: 'text', user: 'text' },
  secrets: ['text'],
  hostKey: 'text',
  usedBy: ['text'],
  changed: 'time',
  blocked: 'null',
  tags: [],
  expires: 'null',
  lastUsed: 'null',
  needsSignIn: 'boolean',
}
const run = {
  run: 'uuid',
  job: 'uuid',
  state: 'text',
  reason: 'null',
  copied: 'int',
  updated: 'int',
  deleted: 'int',
  moved: 'int',
  conflicts: 'int',
  skipped: 'int',
  failed: 'int',
  bytes: 'int',
  durationMs: 'int',
  started: 'time',
  ended: 'time',
  trigger: 'text',
  plan: 'null',
  errors: [],
}
const guard = { code: 'text', count: 'int', limit: 'int', message: 'text' }
const stopped = { ...run, reason: 'text', plan: 'uuid' }
const job = {
  id: 'uuid',
  name: 'text',
  credential: 'text',
  local: 'text',
  remote: 'text',
  mode: 'text',
  direction: 'text',
  schedule: 'text',
  zone: 'text',
  enabled: 'boolean',
  device: 'text',
  state: 'text',
  reason: 'null',
  whenLocked: 'text',
  lastRun: 'null',
  nextRun: 'time',
  filters: ['text'],
  maxDelete: 'text',
  since: 'null',
  safety: 'null',
}
const counts = {
  copy: 'int',
  update: 'int',
  delete: 'int',
  move: 'int',
  mkdir: 'int',
  rmdir: 'int',
  skip: 'int',
  unchanged: 'int',
}
const item = { path: 'text', action: 'text', side: 'text', size: 'int', reason: 'text', from: 'null' }
const preview = {
  plan: 'uuid',
  job: 'uuid',
  counts,
  bytes: 'int',
  guards: [guard],
  items: [item],
  itemsTotal: 'int',
}
const error = { code: 'text', message: 'text', help: 'text', command: 'null' }

const uuid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** Keys and kinds; of a list the kind of its first entry. */
function shapeOf(value: unknown): unknown {
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf)
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shapeOf(each)]))
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'number'
  if (typeof value !== 'string') return typeof value
  if (uuid.test(value)) return 'uuid'
  return time.test(value) ? 'time' : 'text'
}

const folder = mkdtempSync(join(tmpdir(), 'fernsync-shapes-'))
const password = join(folder, 'password')
const secret = join(folder, 'secret')
const local = join(folder, 'local')
let server: OpenSshServer

beforeAll(async () => {
  server = await startOpenSsh()
  writeFileSync(password, 'correct horse battery\n')
  writeFileSync(secret, server.password ?? server.privateKey)
  mkdirSync(local)
  writeFileSync(join(local, 'a.txt'), 'a')
})

afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** The document of one command; stdout must hold nothing else. */
function json(...args: string[]): unknown {
  const { out } = runCli(['--json', '--allow-slow-kdf', '--password-file', password, ...args], {
    env: { FERNSYNC_HOME: join(folder, 'home') },
  })
  const document: unknown = JSON.parse(out)
  expect(out, 'one document, indented, with one line end').toBe(`${JSON.stringify(document, null, 2)}\n`)
  return document
}

const shape = (...args: string[]): unknown => shapeOf(json(...args))

describe('--json', { timeout: 120_000 }, () => {
  it('keeps the shapes of the vault', () => {
    const status = { home: 'text', state: 'text', vault: 'null', format: 'null', slots: [], records: 'int' }
    const rest = { generations: [], keychain: 'text', throttledForMs: 'int' }
    expect(shape('vault', 'status')).toEqual({ ...status, ...rest })
    expect(shape('vault', 'init', '--iterations', '600000')).toEqual(changed)
    const full = { vault: 'uuid', format: 'text', slots: [slot], generations: [] }
    expect(shape('vault', 'status')).toEqual({ ...status, ...rest, ...full })
    expect(shape('vault', 'slots')).toEqual({ slots: [slot] })
  })

  it('keeps the shapes of credentials', () => {
    const { host, port, user, password: word } = server
    const fields = [`host=${host}`, `port=${port}`, `user=${user}`].flatMap((field) => ['--field', field])
    const secretFile = ['--secret-file', `${word === null ? 'privateKey' : 'password'}=${secret}`]
    const pin = ['--trust-host-key', server.fingerprint('ed25519')]
    expect(shape('credential', 'list')).toEqual({ credentials: [] })
    expect(shape('credential', 'add', 'nas', '--type', 'sftp', ...fields, ...secretFile, ...pin)).toEqual(
      changed,
    )
    expect(shape('credential', 'show', 'nas')).toEqual({ credential: { ...credential, usedBy: [] } })
    expect(shape('credential', 'show', 'nas', '--reveal')).toEqual({
      credential: {
        ...credential,
        usedBy: [],
        revealed: { [word === null ? 'privateKey' : 'password']: 'text' },
      },
    })
    expect(shape('credential', 'edit', 'nas', '--name', 'box')).toEqual(changed)
    const steps = [{ step: 'text', ok: 'boolean', code: 'null', message: 'null' }]
    expect(shape('credential', 'test', 'box')).toEqual({ ok: 'boolean', steps, hostKey: 'text' })
    expect(shape('credential', 'trust', 'box', '--host-key', server.fingerprint('ed25519'))).toEqual({
      ...changed,
      hostKey: 'text',
    })
    expect(shape('remote', 'ls', 'box')).toEqual({ path: 'text', entries: [], truncated: 'boolean' })
    expect(shape('remote', 'kinds')).toMatchObject({ kinds: [{ type: 'text', fields: [{ name: 'text' }] }] })
  })

  it('keeps the shapes of imports', () => {
    const table = join(folder, 'table.csv')
    writeFileSync(table, 'host,user,keyFile\nimported.example,anna,/nowhere/key\n')
    const entry = {
      number: 'int',
      name: 'text',
      as: 'text',
      protocol: 'text',
      host: 'text',
      port: 'text',
      user: 'text',
      secrets: [],
      state: 'text',
      problem: 'null',
      duplicateOf: 'null',
      notes: ['text'],
    }
    const counts = { new: 'int', duplicate: 'int', unsupported: 'int', unreadable: 'int' }
    const common = { ok: 'boolean', format: 'text', dryRun: 'boolean', entries: [entry], counts }
    const importing = ['vault', 'import', table, '--format', 'csv']
    expect(shape(...importing, '--dry-run')).toEqual({ ...common, imported: [] })
    const imported = [{ number: 'int', id: 'uuid', name: 'text', rev: 'int' }]
    expect(shape(...importing)).toEqual({ ...common, imported })
    expect(shape('credential', 'remove', 'anna@imported.example')).toEqual(changed)
  })

  it('keeps the shapes of jobs, previews and runs', () => {
    const where = ['--credential', 'box', '--local', local, '--remote', 'r', '--direction', 'push']
    const options = ['--schedule', '@daily', '--filter', '*.tmp', '--max-delete', '10%']
    expect(shape('job', 'list')).toEqual({ jobs: [] })
    expect(shape('job', 'add', 'docs', ...where, '--mode', 'mirror', ...options)).toEqual(changed)
    expect(shape('job', 'show', 'docs')).toEqual({ job })
    expect(shape('job', 'preview', 'docs')).toEqual({ ...preview, guards: [], items: [item] })
    expect(shape('job', 'run', 'docs')).toEqual({ ...run, guards: [], fingerprint: 'null' })
    rmSync(join(local, 'a.txt'))
    expect(shape('job', 'preview', 'docs')).toEqual(preview)
    expect(shape('job', 'run', 'docs')).toEqual({ ...stopped, guards: [guard], fingerprint: 'null' })
    expect(shape('job', 'history', 'docs')).toEqual({ runs: [stopped] })
    expect(shape('job', 'list')).toEqual({
      jobs: [{ ...job, reason: 'text', since: 'time', lastRun: stopped }],
    })
    expect(shape('credential', 'list')).toEqual({
      credentials: [{ ...credential, lastUsed: { job: 'text', at: 'time' } }],
    })
    expect(shape('job', 'run', '--due')).toEqual({ runs: [] })
    expect(shape('job', 'edit', 'docs', '--schedule', 'manual')).toEqual(changed)
    expect(shape('job', 'disable', 'docs')).toEqual(changed)
    expect(shape('logs')).toMatchObject({ lines: [{ time: 'time', level: 'text', event: 'text' }] })
    expect(shape('job', 'remove', 'docs')).toEqual(changed)
  })

  it('keeps the shapes of errors', () => {
    expect(shape('job', 'show', 'docs')).toEqual({ error: { ...error, what: 'text' } })
    expect(shape('fly')).toEqual({ error: { ...error, why: 'text' } })
    writeFileSync(join(folder, 'home', 'vault.json'), '{')
    expect(shape('job', 'list')).toEqual({
      error: { ...error, command: 'text', generations: [generation] },
    })
  })
})
