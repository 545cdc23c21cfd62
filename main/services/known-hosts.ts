import { decodeBase64Url, equalBytes, toBase64Url, utf8 } from '../core/crypto/bytes.ts'
import { hmacSha1 } from '../core/crypto/hmac-sha1.ts'
import { sha256 } from '../core/crypto/sha256.ts'

/** Key types in the order in which one is suggested when a host has several. */
const preferred = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
]

/**
 * The identity that OpenSSH knows of a server, as a pin (`ssh-ed25519 SHA256:...`); null when known_hosts (sshd(8), "SSH_KNOWN_HOSTS FILE
 * FORMAT") says nothing of it. Lines with a marker (`@revoked`, `@cert-authority`) never answer, and one that revokes a key of
 * this host makes the answer null.
 */
export function lookUpKnownHost(knownHosts: string, host: string, port: number): string | null {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`
  const lines = knownHosts.split(/\r?\n/).map(readLine)
  const ours = lines.filter((line) => line !== null).filter((line) => matches(line.hosts, name))
  if (ours.some((line) => line.marker === '@revoked')) return null
  for (const type of preferred) {
    const line = ours.find((one) => one.type === type && one.marker === null)
    const fingerprint = line === undefined ? null : fingerprintOf(line.key)
    if (fingerprint !== null) return `${type} ${fingerprint}`
  }
  return null
}

type Line = { marker: string | null; hosts: string; type: string; key: string }

/** Null for comments, empty lines and what is not complete. */
function readLine(text: string): Line | null {
  const words = text.trim().split(/\s+/)
  const marker = words[0]?.startsWith('@') === true ? words[0] : null
  const [hosts, type, key] = marker === null ? words : words.slice(1)
  if (hosts === undefined || type === undefined || key === undefined || hosts.startsWith('#')) return null
  return { marker, hosts, type, key }
}

function matches(hosts: string, name: string): boolean {
  if (hosts.startsWith('|1|')) return matchesHashed(hosts, name)
  const patterns = hosts.toLowerCase().split(',')
  if (patterns.some((pattern) => pattern.startsWith('!') && matchesPattern(pattern.slice(1), name)))
    return false
  return patterns.some((pattern) => matchesPattern(pattern, name))
}

function matchesPattern(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`).test(name)
}

/** `|1|salt|hash`: HMAC-SHA1 of the name under the salt, both in standard base64. */
function matchesHashed(hosts: string, name: string): boolean {
  const [, , salt, hash] = hosts.split('|')
  const [saltBytes, hashBytes] = [fromBase64(salt ?? ''), fromBase64(hash ?? '')]
  if (saltBytes === null || hashBytes?.length !== 20) return false
  return equalBytes(hmacSha1(saltBytes, utf8(name)), hashBytes)
}

function fingerprintOf(key: string): string | null {
  const bytes = fromBase64(key)
  return bytes === null ? null : `SHA256:${toBase64(sha256(bytes)).replace(/=+$/, '')}`
}

function fromBase64(text: string): Uint8Array | null {
  return decodeBase64Url(text.replaceAll('+', '-').replaceAll('/', '_'))
}

function toBase64(bytes: Uint8Array): string {
  return toBase64Url(bytes).replaceAll('-', '+').replaceAll('_', '/')
}
