import { joinBytes, utf8, wipe } from '../crypto/bytes.ts'
import { OWN_JSON_FORMAT } from '../import/own-json.ts'
import { credentialJson } from './exported-credential.ts'
import type { ExportedCredential } from './exported-credential.ts'

/** All credentials in clear as JSON, one a line. The caller wipes it. */
export function plainJson(credentials: readonly ExportedCredential[]): Uint8Array {
  const lines = credentials.map(credentialJson)
  const parts = [utf8(`{"format":"${OWN_JSON_FORMAT}","version":1,"credentials":[\n`)]
  lines.forEach((line, at) => parts.push(line, utf8(at === lines.length - 1 ? '\n' : ',\n')))
  const whole = joinBytes([...parts, utf8(']}\n')])
  wipe(...lines)
  return whole
}
