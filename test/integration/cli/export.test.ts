import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from './run-cli.ts'
import type { CliResult } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'fernsync-export-'))
const home = join(folder, 'home')
const second = join(folder, 'second')

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const password = file('password', 'correct horse battery\n')
const wrong = file('wrong', 'wrong horse battery\n')
const portablePassword = file('portable-password', 'portable password\n')

const runAt = (where: string, ...args: readonly string[]): CliResult =>
  runCli(['--allow-slow-kdf', '--home', where, '--password-file', password, '--json', ...args])
const run = (...args: readonly string[]): CliResult => runAt(home, ...args)
const code = ({ exit, out }: CliResult): readonly [number | null, string] => [
  exit,
  z.object({ error: z.object({ code: z.string() }) }).parse(JSON.parse(out)).error.code,
]
const Shown = z.object({
  credential: z.object({ name: z.string(), type: z.string(), fields: z.unknown(), revealed: z.unknown() }),
})
const shown = (where: string, name: string): unknown =>
  Shown.parse(JSON.parse(runAt(where, 'credential', 'show', name, '--reveal').out)).credential
const ok = (result: CliResult): void => expect(result.exit, result.out + result.err).toBe(0)

beforeAll(() => {
  ok(run('vault', 'init', '--iterations', '600000'))
  ok(runAt(second, 'vault', 'init', '--iterations', '600000'))
  const secret = file('secret', '=cmd|canary')
  ok(
    run(
      'credential',
      'add',
      'nas',
      '--type',
      'sftp',
      '--field',
      'host=nas.example',
      '--field',
      'user=anna',
      '--secret-file',
      `password=${secret}`,
    ),
  )
  ok(
    run(
      'credential',
      'add',
      'card',
      '--type',
      'generic',
      '--field',
      'user=anna',
      '--secret-file',
      `PIN=${secret}`,
    ),
  )
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('vault export', { timeout: 120_000 }, () => {
  it('copies the encrypted file as it is, for its owner only, and never over another', () => {
    const target = join(folder, 'copy.json')
    ok(run('vault', 'export', target))
    expect(readFileSync(target)).toEqual(readFileSync(join(home, 'vault.json')))
    expect(statSync(target).mode & 0o777).toBe(0o600)
    expect(code(run('vault', 'export', target))[1]).toBe('bad-request')
    ok(run('vault', 'export', target, '--force'))
  })

  it.for(['csv', 'json'])('writes %s that another vault takes in word for word', (format) => {
    const target = join(folder, `plain.${format}`)
    const result = run('vault', 'export', target, '--format', format)
    ok(result)
    expect(result.err).toContain('Delete it as soon as it is used')
    expect(statSync(target).mode & 0o777).toBe(0o600)
    ok(runAt(second, 'vault', 'import', target, '--format', format))
    for (const name of ['nas', 'card']) {
      expect(shown(second, name)).toEqual(shown(home, name))
      ok(runAt(second, 'credential', 'remove', name))
    }
  })

  it('writes nothing in clear for a wrong password, or without a folder to write to', () => {
    const target = join(folder, 'never.json')
    const refused = runCli([
      '--allow-slow-kdf',
      '--home',
      home,
      '--password-file',
      wrong,
      '--json',
      'vault',
      'export',
      target,
      '--format',
      'json',
    ])
    expect(code(refused)).toEqual([3, 'wrong-password'])
    expect(existsSync(target)).toBe(false)
    expect(code(run('vault', 'export', join(folder, 'none', 'x'), '--format', 'csv'))[0]).not.toBe(0)
  })
})

describe('credential export', { timeout: 120_000 }, () => {
  it('writes one sign-in under its own password, which another vault opens', () => {
    const target = join(folder, 'nas.fernsync')
    ok(run('credential', 'export', 'nas', target, '--export-password-file', portablePassword))
    expect(readFileSync(target, 'utf8')).not.toContain('canary')
    expect(statSync(target).mode & 0o777).toBe(0o600)
    ok(
      runAt(
        second,
        'vault',
        'import',
        target,
        '--format',
        'portable',
        '--source-password-file',
        portablePassword,
      ),
    )
    expect(shown(second, 'nas')).toEqual(shown(home, 'nas'))
    const again = [
      'vault',
      'import',
      target,
      '--format',
      'portable',
      '--source-password-file',
      wrong,
    ] as const
    expect(code(runAt(second, ...again))).toEqual([3, 'wrong-password'])
  })
})
