import { AppError } from '../../model/app-error.ts'
import { aes256Ctr } from '../crypto/aes-ctr.ts'
import { concatBytes, fromHex, utf8, wipe } from '../crypto/bytes.ts'
import { openSecretbox, SECRETBOX_NONCE_BYTES } from '../crypto/secretbox.ts'
import { sha256 } from '../crypto/sha256.ts'
import { refusedFile, wrongPassword } from './import-errors.ts'
import { decodeBase64, decodeImport, linesOf } from './import-text.ts'
import type { FoundEntry } from './found-entry.ts'
import { toItem } from './imported-item.ts'
import type { ImportContext, ImportReader } from './imported-item.ts'
import { readIni } from './ini.ts'
import type { IniSection } from './ini.ts'
import { hostOf } from './server-url.ts'

/** What rclone obscures passwords with (fs/config/obscure); published, so that it keeps nothing secret. */
const OBSCURE_KEY = fromHex('9c935b48730a554d6bfd7c63c886a92bd390198eb8128afbf4de162b8b95f638')
const ENCRYPTED_MARK = 'RCLONE_ENCRYPT_V0:'
const IV_BYTES = 16
/** Comments and empty lines before the mark. */
const MAX_LINES_BEFORE = 1000
/** 64 KiB with every line end as an escape. */
const LONGEST_KEY = 200_000

/**
 * rclone.conf, plain or encrypted with a configuration password (https://rclone.org/docs/#configuration-encryption). Remotes of types
 * that there is a kind for come in. Throws AppError('import-unreadable'), 'wrong-password', and 'usage' for an encrypted file without password.
 */
export const readRclone: ImportReader = (bytes, context) => {
  const sections = readIni(openConfig(decodeImport(bytes), context), context.budget)
  if (sections.length === 0) throw refusedFile('there is no remote in it')
  return sections.map((section) => toItem(entryOf(section, context.localUser), context.budget))
}

/** True for a file that needs the configuration password. */
export function isEncryptedRclone(text: string): boolean {
  return encryptedPart(text) !== null
}

/** What follows the mark, when it is the first line that is neither empty nor a comment, as rclone looks for it. */
function encryptedPart(text: string): string | null {
  let at = 0
  for (let line = 0; at < text.length && line < MAX_LINES_BEFORE; line += 1) {
    const end = text.indexOf('\n', at)
    const said = text.slice(at, end === -1 ? text.length : end).trim()
    if (said === ENCRYPTED_MARK) return end === -1 ? '' : text.slice(end + 1)
    if (said !== '' && !said.startsWith(';') && !said.startsWith('#')) return null
    if (end === -1) return null
    at = end + 1
  }
  return null
}

function openConfig(text: string, { password }: ImportContext): string {
  const sealed = encryptedPart(text)
  if (sealed === null) return text
  if (password === null) throw new AppError('usage', 'import: password of the file is missing')
  const box = decodeBase64(Array.from(linesOf(sealed), (line) => line.trim()).join(''))
  if (box === null || box.byteLength <= SECRETBOX_NONCE_BYTES + 16)
    throw refusedFile('the encrypted part is not whole')
  const phrase = concatBytes(utf8('['), password, utf8('][rclone-config]'))
  const key = sha256(phrase)
  let plain: Uint8Array
  try {
    const nonce = box.subarray(0, SECRETBOX_NONCE_BYTES)
    plain = openSecretbox(key, nonce, box.subarray(SECRETBOX_NONCE_BYTES))
  } catch {
    throw wrongPassword()
  } finally {
    wipe(phrase, key)
  }
  try {
    return decodeImport(plain)
  } finally {
    wipe(plain)
  }
}

function entryOf({ name, values }: IniSection, localUser: string | null): FoundEntry {
  const protocol = (values.get('type') ?? '').toLowerCase()
  const common = {
    name,
    protocol,
    host: values.get('host'),
    port: values.get('port'),
    user: values.get('user'),
  }
  switch (protocol) {
    case 'sftp':
      return {
        ...common,
        user: common.user ?? localUser ?? undefined,
        agent: values.get('key_use_agent') === 'true',
        password: reveal(values.get('pass')),
        passphrase: reveal(values.get('key_file_pass')),
        privateKey: keyOf(values.get('key_pem')),
        keyFile: values.get('key_file'),
      }
    case 'ftp':
      return {
        ...common,
        user: common.user ?? localUser ?? undefined,
        password: reveal(values.get('pass')),
        details: { tls: tlsOf(values) },
      }
    case 'smb':
      return { ...common, password: reveal(values.get('pass')), details: { domain: values.get('domain') } }
    case 'webdav':
      return {
        ...common,
        url: values.get('url'),
        password: reveal(values.get('pass')),
        more: { bearerToken: values.get('bearer_token') },
      }
    case 's3':
      return {
        name,
        protocol,
        url: endpointOf(values.get('endpoint')),
        user: values.get('access_key_id'),
        password: values.get('secret_access_key'),
        more: { sessionToken: values.get('session_token') },
        details: { region: values.get('region') },
      }
    default:
      return { ...common, host: common.host ?? hostOf(values.get('url')) }
  }
}

/** One line in quotes, its line ends as escapes; null for what is too long to be a key. */
function keyOf(text: string | undefined): string | null | undefined {
  if (text === undefined || text.length <= LONGEST_KEY)
    return text?.replace(/^"|"$/g, '').replaceAll('\\n', '\n')
  return null
}

function tlsOf(values: IniSection['values']): string {
  if (values.get('tls') === 'true') return 'implicit'
  return values.get('explicit_tls') === 'true' ? 'explicit' : 'none'
}

/** rclone takes a host alone as well. */
function endpointOf(endpoint: string | undefined): string | undefined {
  return endpoint === undefined || endpoint === '' || endpoint.includes('://')
    ? endpoint
    : `https://${endpoint}`
}

/** The bytes that an obscured text hides; undefined without one, null when it is not obscured text. */
function reveal(obscured: string | undefined): Uint8Array | null | undefined {
  if (obscured === undefined || obscured === '') return undefined
  const raw = decodeBase64(obscured)
  if (raw === null || raw.byteLength < IV_BYTES) return null
  return aes256Ctr(OBSCURE_KEY, raw.subarray(0, IV_BYTES), raw.subarray(IV_BYTES))
}
