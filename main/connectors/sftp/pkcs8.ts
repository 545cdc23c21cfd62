import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

const headers = ['-----BEGIN PRIVATE KEY-----', '-----BEGIN ENCRYPTED PRIVATE KEY-----']
const LONGEST_HEADER = 37

/**
 * An RSA or ECDSA key of PKCS #8 (RFC 5958), which `ssh-keygen -m PKCS8` and OpenSSL write and ssh2 does not read, in the older PEM that it does; any
 * other bytes as they are. Throws for one that does not open. The caller wipes a result that is not what it gave.
 */
export function withoutPkcs8(bytes: Buffer, passphrase: Buffer | undefined): Buffer {
  const start = bytes.toString('latin1', 0, LONGEST_HEADER)
  if (!headers.some((header) => start.startsWith(header))) return bytes
  const key = createPrivateKey({
    key: bytes,
    format: 'pem',
    ...(passphrase === undefined ? {} : { passphrase }),
  })
  return Buffer.from(olderPem(key))
}

function olderPem(key: KeyObject): string | Buffer {
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' })
  if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' })
  throw new TypeError('no such key in the older format')
}
