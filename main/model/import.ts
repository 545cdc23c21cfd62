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
  'json',
  'csv',
] as const
export const ImportFormat = z.enum(importFormats)
export type ImportFormat = z.infer<typeof ImportFormat>

/** Why one entry of a file cannot come in. The others can. */
export const ImportProblem = z.enum([
  'unsupported',
  'not-opened',
  'kdf-unknown',
  'kdf-bounds',
  'bad-entry',
  'bad-server',
  'bad-secret',
  'nothing-in-it',
  'recycle-bin',
  'not-a-sign-in',
])
export type ImportProblem = z.infer<typeof ImportProblem>

/** What a person should know of an entry that can come in. */
export const ImportNote = z.enum([
  'no-server',
  'no-user',
  'no-secret',
  'no-place',
  'master-password',
  'password-in-keychain',
  'key-file-not-read',
  'certificate-left-out',
  'proxy-left-out',
  'history-left-out',
  'passkey-left-out',
])
export type ImportNote = z.infer<typeof ImportNote>

/** `new` and `duplicate` can come in; a duplicate only when it is chosen by number. */
export const ImportState = z.enum(['new', 'duplicate', 'unsupported', 'unreadable'])
export type ImportState = z.infer<typeof ImportState>

/** One line of the preview of an import. Holds no secret. */
export const ImportEntry = z.object({
  /** From 1, by place in the file: what a choice names. */
  number: z.int(),
  /** As the file calls it. */
  name: z.string(),
  /** What the sign-in will be called: the name, numbered when it is taken. */
  as: z.string(),
  protocol: z.string(),
  host: z.string().nullable(),
  port: z.string().nullable(),
  user: z.string().nullable(),
  /** Names of the secret fields that come along. */
  secrets: z.array(z.string()),
  state: ImportState,
  problem: ImportProblem.nullable(),
  /** Of a duplicate: what has the same server and user already. */
  duplicateOf: z.string().nullable(),
  notes: z.array(ImportNote),
})
export type ImportEntry = Readonly<z.infer<typeof ImportEntry>>
