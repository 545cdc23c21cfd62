import { AppError } from '../../model/app-error.ts'
import { isCertificateOf, parseSshCertificate } from '../../model/ssh-certificate.ts'
import { decodeBase64, readWire } from '../../model/ssh-wire.ts'

const openSsh = /^-----BEGIN OPENSSH PRIVATE KEY-----\s([A-Za-z0-9+/=\s]*)-----END OPENSSH PRIVATE KEY-----/
const putty = /^PuTTY-User-Key-File-[23]: [\s\S]{0,4096}?\nPublic-Lines: (\d{1,3})\r?\n([A-Za-z0-9+/=\r\n]*)/
const OPENSSH_MAGIC = 'openssh-key-v1\0'

/**
 * The public half of a private key, as SSH writes it, where the file shows it without its passphrase: those of OpenSSH and PuTTY.
 * Null for others, which show it to who opens them.
 */
export function shownPublicKey(privateKey: string): Uint8Array | null {
  const text = privateKey.trimStart()
  const body = openSsh.exec(text)?.[1]
  if (body !== undefined) return fromOpenSsh(decodeBase64(body.replace(/\s+/g, '')))
  const [, count, lines] = putty.exec(text) ?? []
  if (count === undefined || lines === undefined) return null
  return decodeBase64(lines.split(/\r?\n/).slice(0, Number(count)).join(''))
}

/** PROTOCOL.key of OpenSSH: cipher, key derivation and its options, number of keys, public keys, private section. */
function fromOpenSsh(bytes: Uint8Array | null): Uint8Array | null {
  if (bytes === null) return null
  if (String.fromCharCode(...bytes.subarray(0, OPENSSH_MAGIC.length)) !== OPENSSH_MAGIC) return null
  const reader = readWire(bytes)
  reader.skip(OPENSSH_MAGIC.length)
  for (let field = 0; field < 3; field += 1) reader.string()
  reader.uint32()
  const publicKey = reader.string()
  return reader.isWhole() ? publicKey : null
}

/** True for a certificate of another key, as far as that can be seen without opening the key: a connection sees the rest. */
export function isForeignCertificate(certificate: string, privateKey: Uint8Array | string): boolean {
  const parsed = parseSshCertificate(certificate)
  const text = typeof privateKey === 'string' ? privateKey : new TextDecoder('latin1').decode(privateKey)
  const publicKey = shownPublicKey(text)
  return parsed !== null && publicKey !== null && !isCertificateOf(parsed, publicKey)
}

type Texts = Readonly<Record<string, string>>

/** Refuses a certificate that was made for another key than the one beside it. Throws AppError('bad-request') naming the field. */
export function refuseForeignCertificate(fields: Texts, secrets: Texts): void {
  const { certificate = '' } = fields
  const { privateKey = '' } = secrets
  if (certificate === '' || privateKey === '' || !isForeignCertificate(certificate, privateKey)) return
  const why = 'a certificate made for this private key is expected'
  throw new AppError('bad-request', 'credential field', { details: { field: 'certificate', why } })
}
