import type { Client, ParsedKey } from 'ssh2'
import utils from 'ssh2/lib/protocol/utils.js'
import { RemoteError } from '../../core/remote/remote-error.ts'
import { CERTIFICATE_SUFFIX, isCertificateOf, parseSshCertificate } from '../../model/ssh-certificate.ts'

/*
 * Sign-in with an OpenSSH user certificate (PROTOCOL.certkeys). ssh2 writes one algorithm both into the request and into the
 * signature; a certificate is named in the request, and the signature inside is that of its plain key. So the method of ssh2's
 * protocol that writes these requests is replaced on the one connection that has a certificate, and for its key only.
 */

/** A private key that is offered by its certificate and in no other way. */
export type CertifiedKey = {
  readonly key: ParsedKey
  /** The certificate, as it is sent. */
  readonly blob: Uint8Array
}

/** Throws RemoteError('certificate-unusable') for what is no user certificate made for `key`. */
export function certifyKey(key: ParsedKey, certificate: string): CertifiedKey {
  const parsed = parseSshCertificate(certificate)
  if (parsed === null) throw unusable('no certificate of OpenSSH')
  if (parsed.kind !== 'user') throw unusable('made for a server')
  if (!isCertificateOf(parsed, key.getPublicSSH())) throw unusable('made for another key')
  return { key, blob: parsed.blob }
}

function unusable(why: string): RemoteError {
  return new RemoteError('certificate-unusable', `the certificate is ${why}`)
}

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void
type AuthPk = (username: string, key: unknown, algorithm: string | undefined, sign?: Sign) => void

/** What is used of ssh2's `Protocol`. */
type Protocol = {
  authPK: AuthPk
  readonly _authsQueue: string[]
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number
      readonly alloc: (size: number) => Buffer
      readonly finalize: (packet: Buffer) => Buffer
    }
  }
}

/** Makes `client`, which is connecting, offer this key by its certificate. False when its ssh2 is not the one that is known. */
export function signInByCertificate(client: Client, { key, blob }: CertifiedKey): boolean {
  const protocol: unknown = Reflect.get(client, '_protocol')
  if (!isKnownProtocol(protocol)) return false
  const plain = protocol.authPK.bind(protocol)
  protocol.authPK = (username, offered, given, sign) => {
    if (offered !== key) {
      plain(username, offered, given, sign)
      return
    }
    const inner = given ?? key.type
    const outer = `${inner}${CERTIFICATE_SUFFIX}`
    const certified = publicHalf(key, outer, blob)
    // What is signed is the request with the certificate in it, so ssh2 writes that; its own signed request is not sent.
    if (sign === undefined) plain(username, certified, outer)
    else
      plain(username, certified, outer, (data) => {
        sign(data, (signature) => sendSigned(protocol, { data, inner, keyType: key.type, signature }))
      })
  }
  return true
}

/** The key as ssh2 shall see it: with the certificate as its public half. */
function publicHalf(key: ParsedKey, type: string, blob: Uint8Array): unknown {
  const certified: unknown = Object.create(key, {
    type: { value: type },
    getPublicSSH: { value: () => Buffer.from(blob) },
  })
  return certified
}

type Signed = {
  /** What was signed: the session and the request. */
  readonly data: Buffer
  readonly inner: string
  readonly keyType: string
  readonly signature: Buffer
}

function sendSigned(protocol: Protocol, { data, inner, keyType, signature }: Signed): void {
  const converted = utils.convertSignature(signature, keyType)
  if (!converted) throw new RemoteError('internal', 'the signature cannot be written')
  const request = data.subarray(4 + data.readUInt32BE(0))
  const payload = Buffer.concat([
    request,
    string(Buffer.concat([string(Buffer.from(inner)), string(converted)])),
  ])
  const { write } = protocol._packetRW
  const at = write.allocStart
  const packet = write.alloc(payload.length)
  packet.set(payload, at)
  // What the next answer of the server belongs to.
  protocol._authsQueue.push('publickey')
  utils.sendPacket(protocol, write.finalize(packet))
}

function string(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function isKnownProtocol(value: unknown): value is Protocol {
  if (!isObject(value) || typeof value['authPK'] !== 'function' || !Array.isArray(value['_authsQueue']))
    return false
  const packets = value['_packetRW']
  const write = isObject(packets) ? packets['write'] : null
  if (!isObject(write) || typeof write['allocStart'] !== 'number') return false
  return typeof write['alloc'] === 'function' && typeof write['finalize'] === 'function'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
