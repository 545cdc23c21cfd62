import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { realDeps } from '../../../conformance/deps.ts'
import {
  areSecretsWiped,
  createAuthenticator,
  isPasswordPrompt,
  loadSignIn,
  type Authenticator,
} from '../../../../main/connectors/sftp/sign-in.ts'

const password = Buffer.from('s3cret')

function authenticator(
  parts: { password?: Uint8Array; agentSocket?: string },
  onUnanswerable = (): void => undefined,
): Authenticator {
  return createAuthenticator(
    {
      user: 'u',
      key: null,
      certified: null,
      agentSocket: parts.agentSocket ?? null,
      password: parts.password ?? null,
    },
    onUnanswerable,
  )
}

/** Types of all attempts against a server that offers `offered` and refuses each. */
function attempts(subject: Authenticator, offered: Parameters<Authenticator['next']>[0]): string[] {
  const types: string[] = []
  for (let method = subject.next(null, false); method !== null; method = subject.next(offered, false)) {
    types.push(method.type)
    if (types.length > 9) throw new Error('it never ends')
  }
  return types
}

describe('createAuthenticator', () => {
  it('asks first what the server takes', () => {
    expect(authenticator({}).next(null, false)?.type).toBe('none')
  })

  it('tries what is stated in order and each once', () => {
    const subject = authenticator({ password, agentSocket: '/agent' })
    const offered = ['publickey', 'password'] as const
    expect(attempts(subject, [...offered])).toEqual(['none', 'agent', 'password'])
    expect(subject.next([...offered], false)).toBeNull()
  })

  it('sends no password to a server that does not take one', () => {
    expect(attempts(authenticator({ password }), ['publickey'])).toEqual(['none'])
  })

  it('does not send the password again after keyboard-interactive had it', () => {
    const subject = authenticator({ password })
    subject.next(null, false)
    const method = subject.next(['keyboard-interactive', 'password'], false)
    const answers: string[][] = []
    if (method?.type !== 'keyboard-interactive') throw new Error('not asked')
    method.prompt('', '', '', [{ prompt: 'Password: ', echo: false }], (given) => answers.push(given))
    expect(answers).toEqual([['s3cret']])
    expect(subject.next(['password'], false)).toBeNull()
  })

  it('answers a second round of prompts with nothing', () => {
    let unanswerable = 0
    const subject = authenticator({ password }, () => unanswerable++)
    subject.next(null, false)
    const method = subject.next(['keyboard-interactive'], false)
    if (method?.type !== 'keyboard-interactive') throw new Error('not asked')
    const answers: string[][] = []
    const ask = (): void =>
      method.prompt('', '', '', [{ prompt: 'Password: ', echo: false }], (given) => answers.push(given))
    ask()
    ask()
    expect([answers.length, unanswerable]).toEqual([1, 1])
  })

  it('counts a refusal only of what the credential states', () => {
    const subject = authenticator({ password })
    subject.next(null, false)
    subject.next(['password'], false)
    expect(subject.wasRefused()).toBe(false)
    subject.next(['password'], false)
    expect(subject.wasRefused()).toBe(true)
  })

  it('does not take a first factor that was accepted for a refusal', () => {
    const subject = authenticator({ password, agentSocket: '/agent' })
    subject.next(null, false)
    subject.next(['publickey', 'password'], false)
    expect(subject.next(['password'], true)?.type).toBe('password')
    expect(subject.wasRefused()).toBe(false)
  })
})

describe('isPasswordPrompt', () => {
  it.each([
    ['Password: ', false, true],
    ['(u@host) Passwort: ', false, true],
    ['Verification code: ', false, false],
    ['Enter your OTP: ', false, false],
    ['Duo passcode or option: ', false, false],
    ['Password: ', true, false],
  ])('of %j shown while typing %s is %s', (prompt, echo, expected) => {
    expect(isPasswordPrompt([{ prompt, echo }])).toBe(expected)
  })

  it('is false for two questions at once', () => {
    const one = { prompt: 'Password: ', echo: false }
    expect(isPasswordPrompt([one, one])).toBe(false)
  })
})

describe('areSecretsWiped', () => {
  const config = (secret: Uint8Array) => ({
    fields: {},
    secrets: { password: secret },
    hostKey: null,
    root: '',
  })
  it('tells zeros from a credential', () => {
    expect(areSecretsWiped(config(new Uint8Array(5)))).toBe(true)
    expect(areSecretsWiped(config(password))).toBe(false)
    expect(areSecretsWiped(config(new Uint8Array()))).toBe(false)
  })
})

describe('loadSignIn', () => {
  const keyOf = async (name: string, passphrase = 'key phrase') => {
    const file = join(import.meta.dirname, '../../../fixtures/import/keys', name)
    const privateKey = Uint8Array.from(readFileSync(file))
    const secrets = { privateKey, ...(passphrase === '' ? {} : { passphrase: Buffer.from(passphrase) }) }
    const config = { fields: { user: 'u' }, secrets, hostKey: null, root: '' }
    return (await loadSignIn(config, realDeps())).key
  }

  it.for([
    ['ed25519', 'ssh-ed25519'],
    ['ed25519_sealed', 'ssh-ed25519'],
    ['rsa_sealed', 'ssh-rsa'],
    ['rsa_pem', 'ssh-rsa'],
    ['rsa_pem_sealed', 'ssh-rsa'],
    ['ecdsa', 'ecdsa-sha2-nistp256'],
    ['ecdsa_pkcs8', 'ecdsa-sha2-nistp256'],
    ['ecdsa_pkcs8_sealed', 'ecdsa-sha2-nistp256'],
  ] as const)('opens the key that ssh-keygen wrote as %s', async ([name, type]) => {
    const key = await keyOf(name)
    expect(key?.type).toBe(type)
    const signature = key?.sign('text')
    expect(signature instanceof Buffer && key?.verify('text', signature)).toBe(true)
  })

  it.for([
    ['rsa_pem_sealed', 'wrong'],
    ['ecdsa_pkcs8_sealed', 'wrong'],
    ['ecdsa_pkcs8_sealed', ''],
    ['ed25519.pub', ''],
  ] as const)('refuses %s with the phrase "%s" before it connects', async ([name, passphrase]) => {
    await expect(keyOf(name, passphrase)).rejects.toMatchObject({ code: 'auth-failed' })
  })
})
