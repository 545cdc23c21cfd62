import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from './run-cli.ts'
import type { CliResult } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'fernsync-slots-'))
const home = join(folder, 'home')
const file = (name: string, content: string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const password = file('password', 'correct horse battery\n')
const next = file('next', 'another long password\n')
const recovery = join(folder, 'recovery')
const keyFile = join(folder, 'key')

/** What a person would give on the command line; the vault itself is the same in every call. */
const withPassword = (...args: readonly string[]): CliResult =>
  runCli(['--allow-slow-kdf', '--home', home, '--password-file', password, ...args])
const withRecovery = (...args: readonly string[]): CliResult =>
  runCli(['--allow-slow-kdf', '--home', home, '--recovery-key', '--password-file', recovery, ...args])
const withKeyFile = (...args: readonly string[]): CliResult => withPassword('--key-file', keyFile, ...args)

const codeOf = ({ out }: CliResult): string =>
  z.object({ error: z.object({ code: z.string() }) }).parse(JSON.parse(out)).error.code
const failure = (result: CliResult): readonly [number | null, string] => [result.exit, codeOf(result)]

function slots(): string[] {
  const Slots = z.object({ slots: z.array(z.object({ id: z.string(), type: z.string(), kdf: z.string() })) })
  const { out } = runCli(['--home', home, '--json', 'vault', 'slots'])
  return Slots.parse(JSON.parse(out)).slots.map(({ id, type, kdf }) => `${id} ${type} ${kdf}`)
}

function done(result: CliResult): void {
  expect(result.exit, result.out + result.err).toBe(0)
}

beforeAll(() => {
  done(withPassword('vault', 'init', '--iterations', '600000'))
  const add = ['credential', 'add', 'nas', '--type', 'sftp', '--field', 'host=h', '--field', 'user=u']
  done(withPassword(...add, '--secret-file', `password=${next}`))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('ways into a vault', { timeout: 120_000 }, () => {
  it('a recovery key goes into a file of its own, opens the vault and sets a new password', () => {
    done(withPassword('vault', 'recovery', 'add', '--out', recovery))
    expect(statSync(recovery).mode & 0o777).toBe(0o600)
    expect(readFileSync(recovery, 'utf8')).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){8}[0-9A-HJKMNP-TV-Z]{4}\n$/)
    done(withRecovery('credential', 'list'))
    done(withRecovery('vault', 'passwd', '--new-password-file', next))
    expect(failure(withPassword('--json', 'credential', 'list'))).toEqual([3, 'wrong-password'])
    writeFileSync(password, readFileSync(next))
    done(withPassword('credential', 'list'))
    expect(slots()).toEqual(['pw1 password pbkdf2-hmac-sha256', 'rk1 recovery pbkdf2-hmac-sha256'])
  })

  it('a mistyped recovery key and a file that is none are told apart from a wrong one', () => {
    const typo = file(
      'typo',
      readFileSync(recovery, 'utf8').replace(/^./, (char) => (char === 'A' ? 'B' : 'A')),
    )
    const given = ['--allow-slow-kdf', '--home', home, '--json']
    expect(
      failure(runCli([...given, '--recovery-key', '--password-file', typo, 'credential', 'list'])),
    ).toEqual([2, 'recovery-key-invalid'])
    expect(failure(withPassword('--json', '--key-file', next, 'credential', 'list'))).toEqual([
      2,
      'key-file-invalid',
    ])
  })

  it('never writes a recovery key over a file that is there', () => {
    expect(withPassword('--json', 'vault', 'recovery', 'add', '--out', next).exit).not.toBe(0)
    expect(readFileSync(next, 'utf8')).toBe('another long password\n')
    done(withRecovery('credential', 'list'))
  })

  it('each derivation opens what was written with it, in a thread of its own', () => {
    for (const kdf of ['argon2id', 'scrypt', 'bcrypt', 'pbkdf2-hmac-sha256']) {
      done(withPassword('vault', 'passwd', '--kdf', kdf, '--new-password-file', next))
      done(withPassword('credential', 'show', 'nas', '--reveal'))
      expect(slots()[0]).toBe(`pw1 password ${kdf}`)
    }
    expect(
      failure(withPassword('--json', 'vault', 'passwd', '--kdf', 'md5', '--new-password-file', next)),
    ).toEqual([2, 'usage'])
  })

  it('a key file is made where named, and needed from then on', () => {
    done(withPassword('vault', 'keyfile', 'add', keyFile))
    expect(statSync(keyFile).mode & 0o777).toBe(0o600)
    expect(failure(withPassword('--json', 'credential', 'list'))).toEqual([3, 'key-file-needed'])
    done(withKeyFile('credential', 'list'))
    expect(slots().map((slot) => slot.split(' ')[1])).toEqual(['password+keyfile', 'recovery'])
  })

  it('the vault key is replaced only when every way in was given or given up', () => {
    const left = withKeyFile('--json', 'vault', 'rotate')
    expect(failure(left)).toEqual([2, 'slots-left'])
    expect(left.out).toContain('rk1')
    done(withKeyFile('vault', 'rotate', '--recovery-key-file', recovery))
    done(withRecovery('credential', 'list'))
    done(withKeyFile('vault', 'rotate', '--drop-slot', 'rk1'))
    expect(failure(withRecovery('--json', 'credential', 'list'))).toEqual([2, 'slot-missing'])
    const shown = withKeyFile('--json', 'credential', 'show', 'nas', '--reveal')
    expect(shown.out).toContain('another long password')
  })

  it('a key file can be given up again', () => {
    done(withKeyFile('vault', 'keyfile', 'remove'))
    done(withPassword('credential', 'list'))
    expect(failure(withPassword('--json', 'vault', 'recovery', 'remove'))).toEqual([2, 'slot-missing'])
  })
})
