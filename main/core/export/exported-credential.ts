import type { CredentialFields, CredentialType, SecretValues } from '../../model/credential.ts'
import { concatBytes, joinBytes, utf8, wipe } from '../crypto/bytes.ts'

/** One credential with all that is in it, but the pin of its server. */
export type ExportedCredential = {
  readonly name: string
  readonly type: CredentialType
  readonly tags: readonly string[]
  readonly expires: string | null
  readonly fields: CredentialFields
  /** UTF-8 bytes; wiped by whoever made the object. */
  readonly secrets: SecretValues
}

/** The credential as a JSON object (`OwnCredentialText` of core/import). The caller wipes it. */
export function credentialJson({ secrets, ...plain }: ExportedCredential): Uint8Array {
  const parts: Uint8Array[] = [
    utf8(`${JSON.stringify(plain).slice(0, -1)},"secrets":`),
    secretsJson(secrets),
    utf8('}'),
  ]
  const whole = joinBytes(parts)
  wipe(...parts)
  return whole
}

/** `{"name":"value",...}`. The caller wipes it. */
export function secretsJson(secrets: SecretValues): Uint8Array {
  const parts: Uint8Array[] = []
  for (const [name, value] of Object.entries(secrets)) {
    const text = jsonText(value)
    parts.push(concatBytes(utf8(`${parts.length === 0 ? '' : ','}${JSON.stringify(name)}:`), text))
    wipe(text)
  }
  const whole = joinBytes([utf8('{'), ...parts, utf8('}')])
  wipe(...parts)
  return whole
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** UTF-8 bytes as a JSON string (RFC 8259 section 7), made of bytes alone. */
function jsonText(value: Uint8Array): Uint8Array {
  const escaped = new Uint8Array(6 * value.byteLength + 2)
  let at = 0
  escaped[at++] = QUOTE
  for (const byte of value) {
    if (byte < 0x20) {
      escaped.set(utf8(`\\u${byte.toString(16).padStart(4, '0')}`), at)
      at += 6
      continue
    }
    if (byte === QUOTE || byte === BACKSLASH) escaped[at++] = BACKSLASH
    escaped[at++] = byte
  }
  escaped[at++] = QUOTE
  const text = escaped.slice(0, at)
  wipe(escaped)
  return text
}
