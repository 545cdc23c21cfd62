import { createHash } from 'node:crypto'
import type { ServerHostKeyAlgorithm } from 'ssh2'
import { createFieldReader, ProtocolError } from './wire.ts'

/** Type of a host key with the signature algorithms that use it; SHA-1 (`ssh-rsa`) is never among them. */
const signatureAlgorithms = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
} as const satisfies Record<string, readonly ServerHostKeyAlgorithm[]>

export type HostKeyType = keyof typeof signatureAlgorithms

/** In the order in which we ask for them. */
export const hostKeyTypes: readonly HostKeyType[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
]

function isHostKeyType(text: string): text is HostKeyType {
  return Object.hasOwn(signatureAlgorithms, text)
}

/** All algorithms, those of `preferred` first. A server answers with the first that it has a key for (RFC 4253 section 7.1). */
export function hostKeyAlgorithms(preferred: HostKeyType | null): ServerHostKeyAlgorithm[] {
  const rest = hostKeyTypes.filter((type) => type !== preferred)
  return [...(preferred === null ? [] : [preferred]), ...rest].flatMap((type) => signatureAlgorithms[type])
}

/** Only the algorithms of one type of key. */
export function algorithmsOfType(type: HostKeyType): ServerHostKeyAlgorithm[] {
  return [...signatureAlgorithms[type]]
}

export type HostKey = {
  /** `SHA256:` and the unpadded base64 of the digest of the key blob, as OpenSSH prints it. */
  readonly fingerprint: string
  /** Null for a type that we never ask for. */
  readonly type: HostKeyType | null
}

/** `blob` is the public key as it is sent (RFC 4253 section 6.6): its first field names its type. */
export function describeHostKey(blob: Buffer): HostKey {
  const fingerprint = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
  try {
    const name = createFieldReader(blob).bytes().toString('latin1')
    return { fingerprint, type: isHostKeyType(name) ? name : null }
  } catch (error) {
    if (error instanceof ProtocolError) return { fingerprint, type: null }
    throw error
  }
}

export type PinnedHostKey = {
  readonly fingerprint: string
  /** Null when the pin does not say: then any key that the server proves to have may match. */
  readonly type: HostKeyType | null
}

/**
 * Reads a pin: `SHA256:<43 characters>`, optionally after a key type and a space (`ssh-ed25519 SHA256:...`). Null when it is
 * neither; such a pin matches no server.
 */
export function parsePin(text: string): PinnedHostKey | null {
  const [, type, fingerprint] = /^(?:(\S+) )?(SHA256:[A-Za-z0-9+/]{43})=?$/.exec(text.trim()) ?? []
  if (fingerprint === undefined) return null
  if (type === undefined) return { fingerprint, type: null }
  return isHostKeyType(type) ? { fingerprint, type } : null
}
