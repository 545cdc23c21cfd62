import ssh2 from 'ssh2'
import type { AnyAuthMethod, AuthenticationType, ParsedKey, Prompt } from 'ssh2'
import type { ConnectorConfig, ConnectorDeps } from '../../core/remote/connector.ts'
import { RemoteError } from '../../core/remote/remote-error.ts'
import { certifyKey, type CertifiedKey } from './certified-key.ts'
import { withoutPkcs8 } from './pkcs8.ts'

/** What a credential states and nothing else: no default key, no agent of the environment. */
export type SignIn = {
  readonly user: string
  readonly key: ParsedKey | null
  /** The same key with its certificate, by which alone it is then offered; null when none is stated. */
  readonly certified: CertifiedKey | null
  readonly agentSocket: string | null
  /** A view of the credential's bytes, not a copy; decoded at the moment it is sent. */
  readonly password: Uint8Array | null
}

function secretOf(config: ConnectorConfig, name: string): Uint8Array | null {
  const secret = config.secrets[name]
  return secret !== undefined && secret.length > 0 ? secret : null
}

/** True once the owner of the secrets has wiped them: a further connection must not sign in with zeros. */
export function areSecretsWiped(config: ConnectorConfig): boolean {
  return Object.values(config.secrets).some(
    (secret) => secret.length > 0 && secret.every((byte) => byte === 0),
  )
}

function parsePrivateKey(bytes: Uint8Array, passphrase: Uint8Array | null): ParsedKey {
  const parsed = parseAny(viewOf(bytes), passphrase === null ? undefined : viewOf(passphrase))
  // The OpenSSH format may hold several keys; the declared type does not say so.
  const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed
  if (!isParsedKey(key) || !key.isPrivateKey()) {
    throw new RemoteError('auth-failed', 'the private key cannot be opened')
  }
  return key
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Null for a key that does not open before ssh2 sees it. */
function parseAny(bytes: Buffer, passphrase: Buffer | undefined): unknown {
  let readable: Buffer | null = null
  try {
    readable = withoutPkcs8(bytes, passphrase)
    return ssh2.utils.parseKey(readable, passphrase)
  } catch {
    return null
  } finally {
    if (readable !== bytes) readable?.fill(0)
  }
}

function isParsedKey(value: unknown): value is ParsedKey {
  return typeof value === 'object' && value !== null && !(value instanceof Error) && 'isPrivateKey' in value
}

async function loadKey(config: ConnectorConfig, deps: ConnectorDeps): Promise<ParsedKey | null> {
  const passphrase = secretOf(config, 'passphrase')
  const stored = secretOf(config, 'privateKey')
  if (stored !== null) return parsePrivateKey(stored, passphrase)
  const path = config.fields.keyFile
  if (path === undefined || path === '') return null
  const bytes = await deps.readKeyFile(path).catch((cause: unknown) => {
    throw new RemoteError('auth-failed', 'the key file cannot be read', { cause })
  })
  try {
    return parsePrivateKey(bytes, passphrase)
  } finally {
    bytes.fill(0)
  }
}

/**
 * Collects what the credential states; rejects before any connection with `auth-failed` when a stated key cannot be opened, and
 * with `certificate-unusable` when the certificate is not its own. One without a key on this device (a key file lies elsewhere) is left.
 * Wipes the bytes of a key file; stored secrets stay with their owner.
 */
export async function loadSignIn(config: ConnectorConfig, deps: ConnectorDeps): Promise<SignIn> {
  const user = config.fields.user ?? ''
  if (user === '') throw new RemoteError('auth-failed', 'the credential names no user')
  const key = await loadKey(config, deps)
  const certificate = config.fields.certificate ?? ''
  return {
    user,
    key,
    certified: key === null || certificate === '' ? null : certifyKey(key, certificate),
    agentSocket: config.fields.agent === 'true' ? deps.agentSocket : null,
    password: secretOf(config, 'password'),
  }
}

/** Prompts for something that a stored password cannot answer. */
const oneTimePrompt = /\b(otp|pin|token|code|passcode|factor|verification|authenticator|challenge|duo)\b/i

/** True for the one kind of question that gets the password: a single hidden one that is not about a one-time code. */
export function isPasswordPrompt(prompts: readonly Prompt[]): boolean {
  const [only] = prompts
  return prompts.length === 1 && only !== undefined && only.echo !== true && !oneTimePrompt.test(only.prompt)
}

type Step = 'none' | 'key' | 'agent' | 'keyboard' | 'password'

const methodOf = {
  none: 'none',
  key: 'publickey',
  agent: 'publickey',
  keyboard: 'keyboard-interactive',
  password: 'password',
} as const satisfies Record<Step, AuthenticationType>

export type Authenticator = {
  /** True once the server has refused something of the credential. */
  readonly wasRefused: () => boolean
  /**
   * The next attempt, or null when nothing stated is left. `offered` is what the server would still take, null at first;
   * `accepted` tells that it took the last one and wants another besides.
   */
  next(offered: readonly AuthenticationType[] | null, accepted: boolean): AnyAuthMethod | null
}

/**
 * The attempts of one sign-in, each at most once: `none` to learn what the server takes (RFC 4252 section 5.2), key, agent,
 * keyboard-interactive, password. The password leaves once at most, by one of the last two: the same wrong password by both
 * would count twice towards a lock-out. `onUnanswerable` is called when the server asks what only a person can answer.
 */
export function createAuthenticator(signIn: SignIn, onUnanswerable: () => void): Authenticator {
  const steps: Step[] = ['none']
  if (signIn.key !== null) steps.push('key')
  if (signIn.agentSocket !== null) steps.push('agent')
  if (signIn.password !== null) steps.push('keyboard', 'password')
  let attempted = false
  let refused = false
  let passwordSent = false

  const takePassword = (): string => {
    passwordSent = true
    return Buffer.from(signIn.password ?? []).toString('utf8')
  }

  function prompt(prompts: Prompt[], finish: (answers: string[]) => void): void {
    if (!passwordSent && isPasswordPrompt(prompts)) finish([takePassword()])
    else onUnanswerable()
  }

  function attempt(step: Step): AnyAuthMethod | null {
    const username = signIn.user
    switch (step) {
      case 'none':
        return { type: 'none', username }
      case 'key':
        return signIn.key === null ? null : { type: 'publickey', username, key: signIn.key }
      case 'agent':
        return signIn.agentSocket === null ? null : { type: 'agent', username, agent: signIn.agentSocket }
      case 'keyboard':
        return {
          type: 'keyboard-interactive',
          username,
          prompt: (...[, , , prompts, finish]) => prompt(prompts, finish),
        }
      case 'password':
        return passwordSent ? null : { type: 'password', username, password: takePassword() }
    }
  }

  return {
    wasRefused: () => refused,
    next(offered, accepted) {
      if (attempted && !accepted) refused = true
      for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
        if (step !== 'none' && offered !== null && !offered.includes(methodOf[step])) continue
        const method = attempt(step)
        if (method === null) continue
        attempted = step !== 'none'
        return method
      }
      return null
    },
  }
}
