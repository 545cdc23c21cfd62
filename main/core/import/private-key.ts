import { equalBytes, utf8 } from '../crypto/bytes.ts'

const headers = ['-----BEGIN ', 'PuTTY-User-Key-File-'].map((text) => utf8(text))
/** `none` as the cipher of an OpenSSH key, at its place in the base64 text (PROTOCOL.key of OpenSSH). */
const openInOpenSsh = 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ'

/** By its first bytes: a file that names another file must not bring that one's content into the vault as a key. */
export function isPrivateKey(bytes: Uint8Array): boolean {
  return headers.some((header) => {
    if (!equalBytes(bytes.subarray(0, header.byteLength), header)) return false
    const line = start(bytes, 100).split('\n')[0] ?? ''
    return line.startsWith('PuTTY-') || /PRIVATE KEY-----\s*$/.test(line)
  })
}

/** Whether a private key wants a phrase before it can be used. */
export function isSealedKey(bytes: Uint8Array): boolean {
  const text = start(bytes, 400)
  if (text.startsWith('-----BEGIN OPENSSH')) return !text.includes(openInOpenSsh)
  if (text.startsWith('PuTTY-')) return !/^Encryption: none/m.test(text)
  return text.includes('ENCRYPTED')
}

function start(bytes: Uint8Array, length: number): string {
  return new TextDecoder('latin1').decode(bytes.subarray(0, length))
}
