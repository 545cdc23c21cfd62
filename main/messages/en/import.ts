import type { ImportNote, ImportProblem, ImportState } from '../../model/import.ts'

/** Words of an import's preview, for people. */
export const importStates: Readonly<Record<ImportState, string>> = {
  new: 'new',
  duplicate: 'there already',
  unsupported: 'not taken',
  unreadable: 'left out',
}

export const importProblems: Readonly<Record<ImportProblem, string>> = {
  unsupported: 'this protocol is not supported yet',
  'not-opened': 'it does not open with this password, or it is damaged',
  'kdf-unknown': 'its key derivation is not known',
  'kdf-bounds': 'its iterations or its salt are out of bounds',
  'bad-entry': 'a part of it is missing or not valid',
  'bad-server': 'its host or port is not valid',
  'bad-secret': 'its secret cannot be read',
  'nothing-in-it': 'it names neither a server nor a secret',
  'recycle-bin': 'it is in the recycle bin',
  'not-a-sign-in': 'cards and identities are not taken',
}

export const importNotes: Readonly<Record<ImportNote, string>> = {
  'no-server': 'names no server',
  'no-user': 'names no user',
  'no-secret': 'has no secret',
  'no-place': 'names no share or bucket',
  'master-password': 'its password stays behind: it is sealed with the master password of that program',
  'password-in-keychain': 'its password stays in the keychain of the system',
  'key-file-not-read': 'its key file cannot be read here, so only the path comes along',
  'certificate-left-out':
    'its certificate stays behind: it cannot be read here, or is none of a user with this key',
  'proxy-left-out': 'its proxy or jump host is left out',
  'history-left-out': 'its older versions are left out',
  'passkey-left-out': 'its passkey is left out',
}

/** What a person should know of an export in clear, before and after. */
export const exportWarnings = {
  plain: 'Whoever can read this file has every password in it. Delete it as soon as it is used.',
} as const

/** What kinds of sign-in are called in lists; others by their own short names. */
export const protocolWords: Readonly<Record<string, string>> = {
  sftp: 'SFTP',
  smb: 'SMB',
  webdav: 'WebDAV',
  ftp: 'FTP',
  s3: 'S3',
  oauth: 'Cloud',
  generic: 'Other',
}
