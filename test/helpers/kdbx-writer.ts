import { createCipheriv, createHash, createHmac } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { aesKdf } from '../../main/core/crypto/aes-kdf.ts'
import { chaCha20 } from '../../main/core/crypto/stream-ciphers.ts'
import { utf8 } from '../../main/core/crypto/bytes.ts'

/** What a hostile file would have otherwise than a real one. */
export type KdbxParts = {
  readonly xml?: string
  /** Instead of the compressed inner header and XML. */
  readonly content?: Uint8Array
  readonly dictionary?: readonly (readonly [number, string, Uint8Array])[]
  readonly extraHeader?: Uint8Array
  /** Of the ciphertext in each block; all of it in one unless given. */
  readonly blockBytes?: number
}

export const kdbxPassword = 'writer password'
const seed = new Uint8Array(32).fill(7)
const iv = new Uint8Array(16).fill(9)
const innerKey = new Uint8Array(64).fill(3)
const AES_CIPHER = Buffer.from('31c1f2e6bf714350be5805216afc5aff', 'hex')
export const AES_KDF = Buffer.from('c9d9f39a628a4460bf740d08c18a4fea', 'hex')
export const ARGON2D = Buffer.from('ef636ddf8c29444b91f7a9a403e30a0c', 'hex')

export const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer)
export const u64 = (value: bigint): Buffer => Buffer.from(BigUint64Array.of(value).buffer)
const sha = (kind: string, ...parts: Uint8Array[]): Buffer => {
  const hash = createHash(kind)
  for (const part of parts) hash.update(part)
  return hash.digest()
}

export const aesDictionary = (rounds: bigint): KdbxParts['dictionary'] => [
  [0x42, '$UUID', AES_KDF],
  [0x05, 'R', u64(rounds)],
  [0x42, 'S', seed],
]

/** KDBX 4 by its documentation: AES-256, AES-KDF of 3 rounds, password {@link kdbxPassword}. */
export function writeKdbx({
  xml = '',
  content,
  dictionary = aesDictionary(3n),
  extraHeader,
  blockBytes,
}: KdbxParts): Uint8Array {
  const entries = (dictionary ?? []).map(([type, key, value]) =>
    Buffer.concat([Buffer.of(type), u32(key.length), utf8(key), u32(value.byteLength), value]),
  )
  const header = Buffer.concat([
    Buffer.from('03d9a29a67fb4bb501000400', 'hex'),
    field(2, AES_CIPHER),
    field(3, u32(1)),
    field(4, seed),
    field(7, iv),
    field(11, Buffer.concat([Buffer.of(0, 1), ...entries, Buffer.of(0)])),
    ...(extraHeader === undefined ? [] : [extraHeader]),
    field(0, Buffer.from('\r\n\r\n')),
  ])
  const inner = Buffer.concat([innerHeader([]), utf8(xml)])
  const key = aesKdf({ key: sha('sha256', sha('sha256', utf8(kdbxPassword))), seed, rounds: 3 })
  const cipher = createCipheriv('aes-256-cbc', sha('sha256', seed, key), iv)
  const sealed = Buffer.concat([cipher.update(content ?? gzipSync(inner)), cipher.final()])
  const macKey = sha('sha512', seed, key, Buffer.of(1))
  const mac = (index: bigint, text: Uint8Array): Buffer =>
    createHmac('sha256', sha('sha512', u64(index), macKey))
      .update(text)
      .digest()
  const block = (index: bigint, text: Uint8Array): Buffer => {
    const sized = Buffer.concat([u32(text.byteLength), text])
    return Buffer.concat([mac(index, Buffer.concat([u64(index), sized])), sized])
  }
  const size = blockBytes ?? sealed.byteLength
  const blocks = Array.from({ length: Math.ceil(sealed.byteLength / size) }, (_, at) =>
    block(BigInt(at), sealed.subarray(at * size, (at + 1) * size)),
  )
  const last = block(BigInt(blocks.length), new Uint8Array())
  const start = [header, sha('sha256', header), mac(0xffff_ffff_ffff_ffffn, header)]
  return Uint8Array.from(Buffer.concat([...start, ...blocks, last]))
}

const field = (id: number, value: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(id), u32(value.byteLength), value])

/** What comes before the document inside a database. */
export function innerHeader(attachments: readonly Uint8Array[]): Uint8Array {
  const fields = [field(1, u32(3)), field(2, innerKey), ...attachments.map((one) => field(3, one))]
  return Buffer.concat([...fields, field(0, new Uint8Array())])
}

/** Protected values of a document in order, as they stand in it. */
export function protectAll(values: readonly string[]): readonly string[] {
  const whole = sha('sha512', innerKey)
  const texts = values.map(utf8)
  const sealed = chaCha20(whole.subarray(0, 32), whole.subarray(32, 44), Buffer.concat(texts))
  let at = 0
  return texts.map(({ byteLength }) => {
    at += byteLength
    return Buffer.from(sealed.subarray(at - byteLength, at)).toString('base64')
  })
}

/** A database of `count` entries, `protect` seals their passwords. */
export function databaseXml(entries: readonly { title: string; url: string; password: string }[]): string {
  const sealed = protectAll(entries.map(({ password }) => password))
  const body = entries.map(
    ({ title, url }, at) =>
      `<Entry><String><Key>Title</Key><Value>${title}</Value></String><String><Key>URL</Key><Value>${url}</Value></String>` +
      `<String><Key>UserName</Key><Value>u</Value></String><String><Key>Password</Key><Value Protected="True">${sealed[at] ?? ''}</Value></String></Entry>`,
  )
  return `<KeePassFile><Meta/><Root><Group><Name>all</Name>${body.join('')}</Group></Root></KeePassFile>`
}
