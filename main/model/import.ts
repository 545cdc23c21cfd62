import * as z from 'zod'

/** Files of other programs, and our own portable ones, that sign-ins can be taken from. */
export const importFormats = [
  'scheme1',
  'portable',
  'rclone',
  'openssh',
  'filezilla',
  'winscp',
  'cyberduck',
  'bitwarden',
  'kdbx',
  'csv',
] as const
export const ImportFormat = z.enum(importFormats)
export type ImportFormat = z.infer<typeof ImportFormat>

/** Why one entry of a file cannot come in. The others can. */
export type ImportProblem =
  | 'unsupported'
  | 'not-opened'
  | 'kdf-unknown'
  | 'kdf-bounds'
  | 'bad-entry'
  | 'bad-server'
  | 'bad-secret'
  | 'nothing-in-it'
  | 'recycle-bin'
  | 'not-a-sign-in'

/** What a person should know of an entry that can come in. */
export type ImportNote =
  | 'no-server'
  | 'no-user'
  | 'no-secret'
  | 'master-password'
  | 'password-in-keychain'
  | 'key-file-not-read'
  | 'proxy-left-out'
  | 'history-left-out'
  | 'fields-left-out'

/** `new` and `duplicate` can come in; a duplicate only when it is chosen by number. */
export type ImportState = 'new' | 'duplicate' | 'unsupported' | 'unreadable'

/** One line of the preview of an import. Holds no secret. */
export type ImportEntry = {
  /** From 1, by place in the file: what a choice names. */
  readonly number: number
  /** As the file calls it. */
  readonly name: string
  /** What the sign-in will be called: the name, numbered when it is taken. */
  readonly as: string
  readonly protocol: string
  readonly host: string | null
  readonly port: string | null
  readonly user: string | null
  /** Names of the secret fields that come along. */
  readonly secrets: readonly string[]
  readonly state: ImportState
  readonly problem: ImportProblem | null
  /** Of a duplicate: what has the same server and user already. */
  readonly duplicateOf: string | null
  readonly notes: readonly ImportNote[]
}
