import { decodeBase64, readWire } from './ssh-wire.ts'

/** What an OpenSSH certificate says (PROTOCOL.certkeys), as far as a client needs it. Who signed it is the server's to judge. */
export type SshCertificate = {
  /** For whom it was made; a server is signed in to with one for users only. */
  readonly kind: 'user' | 'host'
  /** The type of the key in it, such as `ssh-ed25519`. */
  readonly keyType: string
  /** All of it, as it is sent. */
  readonly blob: Uint8Array
  /** The public key in it, as SSH writes one that has no certificate. */
  readonly publicKey: Uint8Array
  /** Milliseconds since 1970. */
  readonly validAfter: number
  /** The same; null = it never ends. */
  readonly validBefore: number | null
}

/** How the name of a certificate, and of a signature's algorithm for one, differs from that of its key. */
export const CERTIFICATE_SUFFIX = '-cert-v01@openssh.com'

/** How many fields each type of key has. Keys in hardware are not here: nothing could sign with them. */
const keyFields: Readonly<Record<string, number>> = {
  'ssh-ed25519': 1,
  'ssh-rsa': 2,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
}
const kinds = { 1: 'user', 2: 'host' } as const

const LONGEST_TEXT = 65_536
/** No `Date` holds more. */
const LAST_SECOND = 8_640_000_000_000n

/** The line of a `*-cert.pub` file; null for anything that is none, with bytes too many or too few. Never throws. */
export function parseSshCertificate(text: string): SshCertificate | null {
  if (text.length > LONGEST_TEXT) return null
  const [name = '', base64 = ''] = /^(\S+)[ \t]+(\S+)(?:[ \t][^\r\n]*)?$/.exec(text.trim())?.slice(1) ?? []
  const keyType = name.endsWith(CERTIFICATE_SUFFIX) ? name.slice(0, -CERTIFICATE_SUFFIX.length) : ''
  const fields = Object.hasOwn(keyFields, keyType) ? keyFields[keyType] : undefined
  const blob = fields === undefined ? null : decodeBase64(base64)
  return blob === null || fields === undefined ? null : readBlob({ name, keyType, fields, blob })
}

type Named = {
  readonly name: string
  readonly keyType: string
  readonly fields: number
  readonly blob: Uint8Array
}

function readBlob({ name, keyType, fields, blob }: Named): SshCertificate | null {
  const reader = readWire(blob)
  if (reader.text() !== name) return null
  reader.string() // nonce
  const keyStart = reader.at()
  for (let field = 0; field < fields; field += 1) reader.string()
  const keyEnd = reader.at()
  reader.uint64() // serial number
  const kind = kindOf(reader.uint32())
  reader.string() // key id
  reader.string() // principals
  const validAfter = reader.uint64()
  const validBefore = reader.uint64()
  // Critical options, extensions, reserved, the key of who signed, the signature.
  for (let field = 0; field < 5; field += 1) reader.string()
  if (!reader.isWhole() || reader.at() !== blob.byteLength || kind === null) return null
  return {
    kind,
    keyType,
    blob,
    publicKey: plainKey(keyType, blob.subarray(keyStart, keyEnd)),
    validAfter: millis(validAfter) ?? Number(LAST_SECOND) * 1000,
    validBefore: millis(validBefore),
  }
}

function kindOf(value: number): SshCertificate['kind'] | null {
  return value === 1 || value === 2 ? kinds[value] : null
}

function millis(seconds: bigint): number | null {
  return seconds > LAST_SECOND ? null : Number(seconds) * 1000
}

function plainKey(keyType: string, fields: Uint8Array): Uint8Array {
  const key = new Uint8Array(4 + keyType.length + fields.byteLength)
  new DataView(key.buffer).setUint32(0, keyType.length)
  key.set(
    [...keyType].map((letter) => letter.charCodeAt(0)),
    4,
  )
  key.set(fields, 4 + keyType.length)
  return key
}

/** True when the certificate was made for the key with this public half, as SSH writes it. */
export function isCertificateOf(certificate: SshCertificate, publicKey: Uint8Array): boolean {
  const own = certificate.publicKey
  return own.byteLength === publicKey.byteLength && own.every((byte, at) => byte === publicKey[at])
}
