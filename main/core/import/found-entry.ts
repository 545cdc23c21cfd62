import type { CredentialFields } from '../../model/credential.ts'
import type { CredentialType } from '../../model/credential-types.ts'
import type { ImportNote, ImportProblem } from '../../model/import.ts'

/** An entry as a reader finds it. Texts are taken as they are; `toItem` checks them and finds their place in a credential. */
export type FoundEntry = {
  readonly name?: string | undefined
  /** `sftp`, `ftp`, `smb`, `webdav`, `s3`, `generic`, or the lower-case name of a protocol that there is no kind for. */
  readonly protocol: string
  readonly host?: string | undefined
  readonly port?: string | undefined
  readonly user?: string | undefined
  readonly agent?: boolean | undefined
  readonly keyFile?: string | undefined
  /** The file of a certificate of the key. */
  readonly certificateFile?: string | undefined
  /** The address as the file has it; where servers have addresses (webdav, s3, generic) it wins over host and port. */
  readonly url?: string | undefined
  /** The folder on the server: its first part is the share or the bucket. */
  readonly path?: string | undefined
  /** Fields of its kind by their names in the table of types: `tls`, `region`, `domain`. */
  readonly details?: Readonly<Record<string, string | undefined>> | undefined
  /** `null` is a secret that was there and could not be read. Bytes now belong to the item. */
  readonly password?: FoundSecret
  readonly privateKey?: FoundSecret
  readonly passphrase?: FoundSecret
  /** Other secrets of its kind by their names in the table of types: `bearerToken`. */
  readonly more?: Readonly<Record<string, FoundSecret>> | undefined
  /** What one of our own exports says word for word, instead of everything above but the name. */
  readonly own?: OwnCredential | undefined
  readonly tags?: readonly string[] | undefined
  /** What a person wrote about it. */
  readonly comment?: string | undefined
  /** Fields that a person added: free secrets where the kind has them, else lines of the notes. */
  readonly extras?: readonly ExtraField[] | undefined
  readonly problem?: ImportProblem | null
  readonly notes?: readonly ImportNote[]
}

export type OwnCredential = {
  readonly type: CredentialType
  readonly fields: CredentialFields
  readonly secrets: Readonly<Record<string, FoundSecret>>
  /** A day as YYYY-MM-DD. */
  readonly expires: string | null
}

export type FoundSecret = string | Uint8Array | null | undefined

export type ExtraField = { readonly name: string; readonly value: string | Uint8Array }
