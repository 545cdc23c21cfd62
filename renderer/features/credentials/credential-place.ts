import type { Credential } from '../../../main/model/credential.ts'
import { texts } from '../../i18n/en.ts'

const usualPorts: Readonly<Record<string, string>> = { sftp: '22', smb: '445', ftp: '21' }

/** Where a credential leads, as one line: `mira@nas.local`, with the port only when it is not the usual one. */
export function credentialPlace({ type, fields }: Pick<Credential, 'type' | 'fields'>): string {
  const { host, user = '', port } = fields
  if (host !== undefined) {
    const tail = port === undefined || port === usualPorts[type] ? '' : `:${port}`
    const share = fields.share === undefined ? '' : `/${fields.share}`
    return `${user === '' ? '' : `${user}@`}${host}${tail}${share}`
  }
  if (type === 's3') return [fields.bucket, hostOf(fields.endpoint)].filter(isSet).join(' · ')
  if (type === 'oauth')
    return [texts.credentials.choice(fields.provider ?? ''), fields.account].filter(isSet).join(' · ')
  return [user, hostOf(fields.url)].filter(isSet).join(' · ')
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== ''
}

/** The host of a web address, or the text when it is none. */
function hostOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : (/^https?:\/\/([^/?#]+)/i.exec(url)?.[1] ?? url)
}
