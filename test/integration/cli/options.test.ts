import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from './run-cli.ts'
import type { CliOptions, CliResult } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'fernsync-options-'))
const home = join(folder, 'home')
const password = join(folder, 'password')
const word = 'correct horse battery'
const evil = 'nas \u202egnp'

const run = (args: readonly string[], options: CliOptions = {}): CliResult =>
  runCli(['--allow-slow-kdf', ...args], options)
const withPassword = { env: { FERNSYNC_HOME: home, FERNSYNC_PASSWORD_FILE: password } }

beforeAll(() => {
  writeFileSync(password, `${word}\r\n`)
  const made = run(['vault', 'init', '--iterations', '600000'], withPassword)
  if (made.exit !== 0) throw new Error(made.err)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the password', () => {
  const list = ['--home', home, 'credential', 'list', '--json']
  const opened = (result: CliResult): void => {
    expect(result.err).toBe('')
    expect(result).toMatchObject({ exit: 0, out: '{\n  "credentials": []\n}\n' })
  }

  it('comes from stdin with --password-file -', () => {
    opened(run(['--password-file', '-', ...list], { input: `${word}\n` }))
  })

  it('comes from a descriptor', () => {
    opened(run(['--password-fd', '0', ...list], { input: word }))
  })

  it('comes from a systemd credential', () => {
    const credentials = join(folder, 'credentials')
    mkdirSync(credentials)
    writeFileSync(join(credentials, 'fernsync.password'), `${word}\n`)
    opened(run(list, { env: { CREDENTIALS_DIRECTORY: credentials } }))
  })

  it('loses one line end and nothing else', () => {
    expect(run(['--password-file', '-', ...list], { input: `${word}\n\n` }).exit).toBe(3)
  })
})

describe('--home', () => {
  it('wins over FERNSYNC_HOME, which wins over the folder of the platform', () => {
    const State = z.object({ home: z.string(), state: z.string() })
    const status = (args: readonly string[], env: Readonly<Record<string, string>>) =>
      State.parse(JSON.parse(run([...args, 'vault', 'status', '--json'], { env }).out))
    const other = join(folder, 'other')
    const env = { FERNSYNC_HOME: other, XDG_CONFIG_HOME: folder }
    expect(status(['--home', home], env)).toEqual({ home, state: 'locked' })
    expect(status([], env)).toEqual({ home: other, state: 'no-vault' })
    expect(status([], { XDG_CONFIG_HOME: folder }).home).toBe(join(folder, 'Fernsync'))
  })

  it('is made for its owner only, and tightened with a warning where it is wider', () => {
    const wide = join(folder, 'wide')
    mkdirSync(wide, { mode: 0o755 })
    const { exit, err } = run(['--home', wide, 'vault', 'status'])
    expect(exit).toBe(0)
    expect(err).toContain('permissions were tightened')
    expect(statSync(wide).mode & 0o777).toBe(0o700)
  })
})

describe('secrets and names', () => {
  it('takes secrets as JSON on stdin, never as arguments, and shows them only with --reveal', () => {
    const fields = ['--type', 'sftp', '--field', 'host=192.0.2.1', '--field', 'user=anna']
    const added = run(['credential', 'add', evil, ...fields, '--stdin'], {
      ...withPassword,
      input: JSON.stringify({ password: 'se"cret\n' }),
    })
    expect(added.exit, added.err).toBe(0)
    const shown = run(['credential', 'show', evil, '--json'], withPassword).out
    expect(shown).not.toContain('se\\"cret')
    const revealed: unknown = JSON.parse(
      run(['credential', 'show', evil, '--reveal', '--json'], withPassword).out,
    )
    expect(revealed).toMatchObject({ credential: { name: evil, revealed: { password: 'se"cret\n' } } })
  })

  it('refuses to take both the password and secrets from stdin', () => {
    const args = ['--password-file', '-', 'credential', 'edit', evil, '--stdin']
    expect(run(args, { env: { FERNSYNC_HOME: home }, input: word })).toMatchObject({ exit: 2 })
  })

  it('shows no character that would turn a terminal around, in text and in JSON', () => {
    const text = run(['credential', 'list'], withPassword).out
    expect(text).toContain('nas \\u{202e}gnp')
    const json = run(['--json', 'credential', 'list'], withPassword).out
    expect(text + json).not.toContain('\u202e')
    expect(JSON.parse(json)).toMatchObject({ credentials: [{ name: evil }] })
  })
})

describe('job add --local', () => {
  it('is taken from the current directory or from the home directory, and stored absolute', () => {
    const docs = join(folder, 'docs')
    mkdirSync(docs)
    const where = ['--credential', evil, '--remote', 'r', '--mode', 'copy', '--direction', 'push']
    const env = { ...withPassword.env, HOME: folder }
    for (const [name, local] of [
      ['relative', 'docs'],
      ['tilde', '~/docs'],
    ] as const) {
      const added = run(['job', 'add', name, '--local', local, ...where], { env, cwd: folder })
      expect(added.exit, added.err).toBe(0)
      const job: unknown = JSON.parse(run(['job', 'show', name, '--json'], { env }).out)
      expect(job).toMatchObject({ job: { local: docs } })
    }
    const unsafe = run(['job', 'add', 'all', '--local', '~', ...where], { env })
    expect(unsafe).toMatchObject({ exit: 2 })
  })
})

describe('--quiet and --verbose', () => {
  it('say nothing of what went well, and more', () => {
    expect(run(['--quiet', 'credential', 'list'], withPassword)).toEqual({ exit: 0, out: '', err: '' })
    expect(run(['--quiet', 'credential', 'show', 'nobody'], withPassword)).toMatchObject({
      exit: 2,
      err: expect.stringContaining('[unknown-name]') as string,
    })
    const { err } = run(['--verbose', 'credential', 'list'], withPassword)
    expect(err).toContain(`Home folder: ${home}`)
  })
})

describe('fernsync in a checkout', () => {
  it('is found by npx, without looking anywhere else', () => {
    const root = join(import.meta.dirname, '../../..')
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
    const npx = spawnSync('npx', ['--no-install', 'fernsync', '--version'], { cwd: root, encoding: 'utf8' })
    expect(npx).toMatchObject({ status: 0, stdout: `${version}\n` })
  })
})
