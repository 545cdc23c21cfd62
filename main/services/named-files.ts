import { wipe } from '../core/crypto/bytes.ts'
import type { ImportedItem } from '../core/import/imported-item.ts'
import { isPrivateKey } from '../core/import/private-key.ts'
import { isForeignCertificate } from '../core/vault/certified-key.ts'
import { fieldOf } from '../model/credential-types.ts'
import { fieldProblem } from '../model/field-values.ts'
import type { ServicePorts } from './service-ports.ts'

const MAX_FILE_BYTES = 65_536
/** Ten thousand entries may name one file, and each gets a copy. */
const MAX_ALL_KEYS_BYTES = 16 * 1024 * 1024
/** Windows signs in to the computer that such a path names, with this person's name and a proof of the password. */
const otherComputer = /^[\\/]{2}/

type Files = ServicePorts['userFiles']

/**
 * Reads the key files and certificates that items name, each once, into the items. A key file that is not there or no private key stays
 * a path; a certificate that is none of a user, or of another key, stays behind.
 */
export async function withNamedFiles(
  { userFiles }: Pick<ServicePorts, 'userFiles'>,
  items: readonly ImportedItem[],
): Promise<readonly ImportedItem[]> {
  const keys = new Map<string, Uint8Array | null>()
  const certificates = new Map<string, string | null>()
  let copied = 0
  try {
    const complete: ImportedItem[] = []
    for (const item of items) {
      if (item.problem !== null || item.type !== 'sftp') {
        complete.push(item)
        continue
      }
      let read = item
      if (item.keyFile !== null && item.secrets['privateKey'] === undefined) {
        const key = await once(keys, item.keyFile, (path) => readKey(userFiles, path))
        copied += key?.byteLength ?? 0
        read = withKeyFile(item, item.keyFile, copied <= MAX_ALL_KEYS_BYTES ? key : null)
      }
      complete.push(
        item.certificateFile === null
          ? read
          : withCertificate(
              read,
              await once(certificates, item.certificateFile, (path) => readCertificate(userFiles, path)),
            ),
      )
    }
    return complete
  } finally {
    for (const bytes of keys.values()) if (bytes !== null) wipe(bytes)
  }
}

async function once<T>(
  known: Map<string, T | null>,
  path: string,
  read: (path: string) => Promise<T | null>,
): Promise<T | null> {
  const found = known.get(path)
  if (found !== undefined) return found
  const made = await read(path)
  known.set(path, made)
  return made
}

/** The path as it is written: made absolute, `//host/x` of a file would be a folder of this computer. */
async function readFile(files: Files, path: string): Promise<Uint8Array | null> {
  if (otherComputer.test(path)) return null
  const absolute = files.absolute(path)
  return otherComputer.test(absolute) ? null : files.read(absolute, MAX_FILE_BYTES).catch(() => null)
}

async function readKey(files: Files, path: string): Promise<Uint8Array | null> {
  const bytes = await readFile(files, path)
  if (bytes === null || isPrivateKey(bytes)) return bytes
  wipe(bytes)
  return null
}

/** Nothing of a file that is something else comes along: what is kept was read to its end as a certificate. */
async function readCertificate(files: Files, path: string): Promise<string | null> {
  const bytes = await readFile(files, path)
  if (bytes === null) return null
  const text = new TextDecoder().decode(bytes).trim()
  wipe(bytes)
  const field = fieldOf('sftp', 'certificate')
  return text !== '' && field !== null && fieldProblem(field, text) === null ? text : null
}

function withKeyFile(item: ImportedItem, keyFile: string, key: Uint8Array | null): ImportedItem {
  if (key !== null) return { ...item, secrets: { ...item.secrets, privateKey: Uint8Array.from(key) } }
  const fields = { ...item.fields, keyFile }
  return { ...item, fields, notes: [...item.notes, 'key-file-not-read'] }
}

function withCertificate(item: ImportedItem, certificate: string | null): ImportedItem {
  const key = item.secrets['privateKey']
  if (certificate === null || (key !== undefined && isForeignCertificate(certificate, key)))
    return { ...item, notes: [...item.notes, 'certificate-left-out'] }
  return { ...item, fields: { ...item.fields, certificate } }
}
