import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConnectorConfig } from '../../../main/core/remote/connector.ts'
import { rootPath } from '../../../main/core/remote/remote-path.ts'
import { startCertificateAuthority, type CertificateAuthority } from '../../servers/certificate-authority.ts'
import type { OpenSshServer } from '../../servers/openssh.ts'
import { until } from '../../servers/processes.ts'
import { failureOf, never, open } from './helpers.ts'

const passphrase = 'of the key'
const kinds = {
  ed25519: ['-t', 'ed25519', '-N', ''],
  rsa: ['-t', 'rsa', '-b', '2048', '-N', ''],
  'ecdsa-p256': ['-t', 'ecdsa', '-b', '256', '-N', ''],
  'ecdsa-p521': ['-t', 'ecdsa', '-b', '521', '-N', ''],
  'rsa-pem': ['-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', ''],
  'ecdsa-pkcs8': ['-t', 'ecdsa', '-b', '256', '-m', 'PKCS8', '-N', ''],
  sealed: ['-t', 'ed25519', '-N', passphrase],
} as const
type Kind = keyof typeof kinds

let authority: CertificateAuthority
let server: OpenSshServer

beforeAll(async () => {
  authority = await startCertificateAuthority()
  server = authority.server
  for (const [kind, args] of Object.entries(kinds)) authority.makeKey(kind, args)
})

afterAll(() => authority.stop())

const certify = (kind: Kind, args?: readonly string[]): string =>
  readFileSync(authority.certify(kind, args), 'utf8')

function configOf(kind: Kind, certificate: string | null): ConnectorConfig {
  const privateKey = readFileSync(join(authority.folder, kind))
  return {
    ...server.config,
    fields: { ...server.config.fields, ...(certificate === null ? {} : { certificate }) },
    secrets: { privateKey, ...(kind === 'sealed' ? { passphrase: Buffer.from(passphrase) } : {}) },
  }
}

/** What sshd logs while `work` runs. */
async function loggedDuring(work: () => Promise<unknown>): Promise<string> {
  const before = server.log().length
  await work()
  const isOver = (): boolean => /closed by|disconnected from/i.test(server.logOfNewConnections(before))
  await until('the end of the connection', isOver)
  return server.logOfNewConnections(before)
}

describe('sftp with a certificate', () => {
  it.each(Object.keys(kinds) as Kind[])('signs in with that of a key %s, and not without', async (kind) => {
    const log = await loggedDuring(async () => {
      const remote = await open(configOf(kind, certify(kind)))
      expect(await remote.stat(rootPath, never)).toEqual({ kind: 'dir', path: '' })
      await remote.close()
    })
    expect(log).toMatch(/Accepted publickey for \S+ from .*-CERT .* ID "?id of /)
    expect(log).not.toContain('Failed')
    expect((await failureOf(open(configOf(kind, null)))).code).toBe('auth-failed')
  })

  it.each([
    ['that has ended', (user: string) => ['-n', user, '-V', '20200101:20200201']],
    ['that is not valid yet', (user: string) => ['-n', user, '-V', '+1d:+2d']],
    ['for another user', () => ['-n', 'somebody-else', '-V', '-1d:+1d']],
  ])('is refused by one %s, in one attempt', async (_what, args) => {
    const certificate = certify('ed25519', args(server.user))
    const log = await loggedDuring(async () => {
      expect((await failureOf(open(configOf('ed25519', certificate)))).code).toBe('auth-failed')
    })
    expect(log.match(/Failed publickey/g)).toHaveLength(1)
    expect(log).toMatch(/Failed publickey .*-CERT/)
  })

  it.each([
    ['of a server', () => certify('ed25519', ['-h', '-n', server.user, '-V', '-1d:+1d'])],
    ['of another key', () => certify('ecdsa-p256')],
    ['that is none', () => 'ssh-ed25519-cert-v01@openssh.com AAAA'],
  ])('sends nothing when the certificate is one %s', async (_what, make) => {
    const before = server.log()
    expect((await failureOf(open(configOf('ed25519', make())))).code).toBe('certificate-unusable')
    expect(server.log()).toBe(before)
  })

  it('goes on to what else is stated, the password', async () => {
    if (server.password === null) return
    const config = configOf('ed25519', certify('ed25519', ['-n', 'somebody-else']))
    const secrets = { ...config.secrets, password: Buffer.from(server.password) }
    const log = await loggedDuring(async () => {
      const remote = await open({ ...config, secrets })
      await remote.close()
    })
    expect(log.match(/Failed publickey/g)).toHaveLength(1)
    expect(log).toContain('Accepted password')
  })
})
