import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCertificateAuthority, type CertificateAuthority } from '../../servers/certificate-authority.ts'
import { runCli, type CliResult } from './run-cli.ts'

let authority: CertificateAuthority
let password: string

beforeAll(async () => {
  authority = await startCertificateAuthority()
  password = join(authority.folder, 'password')
  writeFileSync(password, 'correct horse battery staple\n', { mode: 0o600 })
  authority.makeKey('ours', ['-t', 'ed25519', '-N', ''])
  authority.makeKey('other', ['-t', 'ed25519', '-N', ''])
  expect(fernsync('vault', 'init', '--iterations', '600000').exit).toBe(0)
})

afterAll(() => authority.stop())

function fernsync(...args: readonly string[]): CliResult {
  const home = join(authority.folder, 'home')
  return runCli(['--home', home, '--json', '--allow-slow-kdf', '--password-file', password, ...args])
}

const refusals = (): number => authority.server.log().match(/Failed publickey/g)?.length ?? 0
const steps = ({ out }: CliResult): unknown => (JSON.parse(out) as { steps: unknown }).steps
const certificate = (name: string, args?: readonly string[]): string =>
  `certificate=${readFileSync(authority.certify(name, args), 'utf8')}`

describe('a certificate of an SSH key', { timeout: 120_000 }, () => {
  it('signs in, says when it ended, and is refused for another key', () => {
    const { host, port, user } = authority.server
    const server = [`host=${host}`, `port=${port}`, `user=${user}`].flatMap((field) => ['--field', field])
    const key = ['--secret-file', `privateKey=${join(authority.folder, 'ours')}`]
    const pin = ['--trust-host-key', authority.server.fingerprint('ed25519')]
    const add = (name: string, line: string): CliResult =>
      fernsync('credential', 'add', name, '--type', 'sftp', ...server, ...key, ...pin, '--field', line)

    const foreign = add('nas', certificate('other'))
    expect(foreign.exit).toBe(2)
    expect(JSON.parse(foreign.out)).toMatchObject({ error: { code: 'bad-request' } })
    expect(foreign.err + foreign.out).toContain('certificate')
    expect(add('nas', certificate('ours', ['-h', '-n', 'nas'])).exit).toBe(2)
    expect(add('nas', 'certificate=ssh-ed25519-cert-v01@openssh.com AAAA').exit).toBe(2)

    expect(add('nas', certificate('ours')).exit).toBe(0)
    expect(fernsync('credential', 'test', 'nas').exit).toBe(0)
    expect(refusals()).toBe(0)

    const ended = ['-n', user, '-V', '20200101000000Z:20200201000000Z']
    expect(fernsync('credential', 'edit', 'nas', '--field', certificate('ours', ended)).exit).toBe(0)
    const refused = fernsync('credential', 'test', 'nas')
    expect(refused.exit).toBe(4)
    expect(steps(refused)).toContainEqual({
      step: 'sign-in',
      ok: false,
      code: 'auth-failed',
      message: 'The SSH certificate ended on 2020-02-01.',
    })
    expect(refusals()).toBe(1)
  })

  it('comes along with an OpenSSH configuration', () => {
    const { host, port, user } = authority.server
    const config = join(authority.folder, 'config')
    const line = authority.certify('ours')
    const key = join(authority.folder, 'ours')
    writeFileSync(
      config,
      `Host imported\nHostName ${host}\nPort ${port}\nUser ${user}\nIdentityFile ${key}\nCertificateFile ${line}\n`,
    )
    // Something has this server and user already, so it is chosen by number.
    const imported = fernsync('vault', 'import', config, '--format', 'openssh', '--only', '1')
    expect([imported.exit, imported.err]).toEqual([0, ''])
    expect(
      fernsync('credential', 'trust', 'imported', '--host-key', authority.server.fingerprint('ed25519')).exit,
    ).toBe(0)
    expect(fernsync('credential', 'test', 'imported').exit).toBe(0)
  })
})
