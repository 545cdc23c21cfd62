import { Cloud, Database, FolderInput, Globe, HardDrive, KeyRound, Server } from '@lucide/vue'
import type { Component } from 'vue'
import type { CredentialType } from '../../../main/model/credential-types.ts'

/** One picture per kind, the same wherever it is shown. */
export const kindIcons: Readonly<Record<CredentialType, Component>> = {
  sftp: Server,
  smb: HardDrive,
  webdav: Globe,
  ftp: FolderInput,
  s3: Database,
  oauth: Cloud,
  generic: KeyRound,
}
