import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFileSync, chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sftp } from '../../../main/connectors/sftp/sftp.ts'
import type { ConnectorConfig } from '../../../main/core/remote/connector.ts'
import { rootPath } from '../../../main/core/remote/remote-path.ts'
import { realDeps } from '../../conformance/deps.ts'
import { isRoot, startOpenSsh, type OpenSshServer } from '../../servers/openssh.ts'
import { until } from '../../servers/processes.ts'
import { startSsh2Server } from '../../servers/ssh2-server.ts'
import { startLimitedSftp } from '../../servers/sftp-limited.ts'
import { failureOf, never, open } from './helpers.ts'

let server: OpenSshServer
let folder: string

beforeAll(async () => {
  server = await startOpenSsh({ hostKeys: ['ed25519', 'ecdsa', 'rsa'] })
  folder = mkdtempSync(join(tmpdir(), 'fernsync-sign-in-'))
})

afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

const withSecrets = (
  secrets: Readonly<Record<string, Uint8Array>>,
  fields: Readonly<Record<string, string>> = {},
): ConnectorConfig => ({ ...server.config, fields: { ...server.config.fields, ...fields }, secrets })

/** Opens, proves that it works, closes. */
async function signsIn(config: ConnectorConfig, overrides = {}): Promise<void> {
  const remote = await open(config, overrides)
  expect(await remote.stat(rootPath, never)).toEqual({ kind: 'dir', path: '' })
  await remote.close()
}

/** What sshd logs while `work` runs. */
async function loggedDuring(work: () => Promise<unknown>): Promise<string> {
  const before = server.log().length
  await work()
  const isOver = (): boolean => /closed by|disconnected from/i.test(server.logOfNewConnections(before))
  await until('the end of the connection', isOver)
  return server.logOfNewConnections(before)
}

describe('sftp sign-in', () => {
  it.runIf(isRoot)('sends a wrong password exactly once and repeats it nowhere', async () => {
    const canary = randomBytes(18).toString('base64url')
    const before = server.passwordAttempts()
    const lines: unknown[] = []
    const log = { info: note, warn: note, error: note }
    function note(...line: unknown[]): void {
      lines.push(line)
    }
    const error = await failureOf(open(withSecrets({ password: Buffer.from(canary) }), { log }))
    expect(error.code).toBe('auth-failed')
    expect(server.passwordAttempts() - before).toBe(1)
    expect(inspect([error, lines], { depth: 12, showHidden: true })).not.toContain(canary)
    expect(server.log()).not.toContain(canary)
  })

  it('offers nothing that is not stated', async () => {
    const log = await loggedDuring(async () => {
      expect((await failureOf(open(withSecrets({})))).code).toBe('auth-failed')
    })
    expect(log).not.toMatch(/Failed (password|publickey)/)
  })

  it('opens an encrypted key with its passphrase', async () => {
    const { encryptedKey, passphrase } = server
    await signsIn(withSecrets({ privateKey: encryptedKey, passphrase: Buffer.from(passphrase) }))
  })

  it('does not even connect when the passphrase is wrong', async () => {
    const before = server.log()
    const secrets = { privateKey: server.encryptedKey, passphrase: Buffer.from('wrong-passphrase') }
    const error = await failureOf(open(withSecrets(secrets)))
    expect(error.code).toBe('auth-failed')
    expect(inspect(error, { depth: 9 })).not.toContain('wrong-passphrase')
    expect(server.log()).toBe(before)
  })

  it('uses the key file of this device and wipes what it read', async () => {
    let bytes = new Uint8Array()
    const readKeyFile = (path: string): Promise<Uint8Array> => {
      bytes = new Uint8Array(readFileSync(path))
      return Promise.resolve(bytes)
    }
    await signsIn(withSecrets({}, { keyFile: server.keyFile }), { readKeyFile })
    expect(bytes.length).toBeGreaterThan(100)
    expect(bytes.every((byte) => byte === 0)).toBe(true)
  })

  it('says "auth-failed" for a key file that is not there', async () => {
    const error = await failureOf(open(withSecrets({}, { keyFile: join(folder, 'none') })))
    expect(error.code).toBe('auth-failed')
  })

  it.runIf(isRoot)('goes on to the password when the server refuses the key', async () => {
    const stranger = join(folder, 'stranger')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', stranger])
    const password = Buffer.from(server.password ?? '')
    const log = await loggedDuring(() =>
      signsIn(withSecrets({ privateKey: readFileSync(stranger), password })),
    )
    expect(log.match(/Failed publickey/g)).toHaveLength(1)
    expect(log).toContain('Accepted password')
  })
})

describe('sftp with an agent', () => {
  let agent: ReturnType<typeof spawn>
  let agentSocket: string

  beforeAll(async () => {
    agentSocket = join(folder, 'agent')
    agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: 'ignore' })
    const key = join(folder, 'agent-key')
    copyFileSync(server.keyFile, key)
    chmodSync(key, 0o600)
    const env = { ...process.env, SSH_AUTH_SOCK: agentSocket }
    await until('the agent', () => {
      try {
        execFileSync('ssh-add', ['-q', key], { env, stdio: 'ignore' })
        return true
      } catch {
        return false
      }
    })
  })

  afterAll(() => agent.kill())

  it('signs in when the credential states it', async () => {
    await signsIn(withSecrets({}, { agent: 'true' }), { agentSocket })
  })

  it('is not asked when the credential does not', async () => {
    const log = await loggedDuring(async () => {
      expect((await failureOf(open(withSecrets({}), { agentSocket }))).code).toBe('auth-failed')
    })
    expect(log).not.toContain('publickey')
  })

  it('is passed over when it does not answer', async () => {
    const error = await failureOf(
      open(withSecrets({}, { agent: 'true' }), { agentSocket: join(folder, 'none') }),
    )
    expect(error.code).toBe('auth-failed')
  })
})

describe('sftp host key', () => {
  it('is learned without a user name or credential', async () => {
    const log = await loggedDuring(async () => {
      const shown = await sftp.fetchHostKey(server.config, realDeps(), never)
      expect(shown).toBe(server.fingerprint('ed25519'))
    })
    expect(log).not.toContain(server.user)
  })

  it.each(['ed25519', 'ecdsa', 'rsa'] as const)(
    'matches when the %s key of the server is pinned',
    async (kind) => {
      await signsIn({ ...server.config, hostKey: server.fingerprint(kind) })
    },
  )

  it('is asked for by type when the pin names one', async () => {
    const hostKey = `ssh-rsa ${server.fingerprint('rsa')}`
    const before = server.log().length
    await signsIn({ ...server.config, hostKey })
    expect(
      server
        .log()
        .slice(before)
        .match(/Connection from/g),
    ).toHaveLength(1)
  })

  it('stops the sign-in when it is not pinned, and says which key was shown', async () => {
    const log = await loggedDuring(async () => {
      const error = await failureOf(open({ ...server.config, hostKey: null }))
      expect(error).toMatchObject({ code: 'untrusted-server', fingerprint: server.fingerprint('ed25519') })
    })
    expect(log).not.toContain(server.user)
  })

  it('stops the sign-in when it is another one, before the server hears a name', async () => {
    const limited = await startLimitedSftp()
    try {
      const error = await failureOf(open({ ...limited.config, hostKey: server.fingerprint('ed25519') }))
      expect(error).toMatchObject({ code: 'untrusted-server', fingerprint: limited.config.hostKey })
      expect(limited.received).toEqual([])
    } finally {
      await limited.stop()
    }
  })
})

describe('sftp algorithms', () => {
  it('are refused with "unsupported" when the server has nothing but SHA-1', async () => {
    const old = await startOpenSsh({
      extraConfig: ['KexAlgorithms diffie-hellman-group14-sha1', 'HostKeyAlgorithms ssh-ed25519'],
    })
    try {
      expect((await failureOf(open(old.config))).code).toBe('unsupported')
    } finally {
      await old.stop()
    }
  })
})

describe.runIf(isRoot)('sftp keyboard-interactive', () => {
  it('answers the one hidden prompt with the password, once', async () => {
    const asking = await startOpenSsh({ keyboardInteractive: true })
    try {
      const remote = await open(asking.config)
      await remote.close()
      expect(asking.log()).toContain('Accepted keyboard-interactive/pam')
      const wrong = { ...asking.config, secrets: { password: Buffer.from('not the password') } }
      const before = asking.passwordAttempts()
      expect((await failureOf(open(wrong))).code).toBe('auth-failed')
      await until('the refusal to be logged', () => asking.passwordAttempts() > before)
      expect(asking.passwordAttempts() - before).toBe(1)
    } finally {
      await asking.stop()
    }
  })
})

describe('sftp and a second factor', () => {
  it('never sends the password to a question about a code', async () => {
    const server = await startSsh2Server({
      serve: () => undefined,
      ask: async (prompt) => {
        await prompt([{ prompt: 'Verification code: ', echo: false }])
        return true
      },
    })
    try {
      expect((await failureOf(open(server.config))).code).toBe('auth-failed')
      expect(server.received).toEqual([])
    } finally {
      await server.stop()
    }
  })
})
