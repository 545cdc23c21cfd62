import { createHmac } from 'node:crypto'

/** HMAC-SHA1 (RFC 2104), 20 bytes. Only to recognise names that OpenSSH has hashed in known_hosts; never to protect anything. */
export function hmacSha1(key: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha1', key).update(message).digest())
}
