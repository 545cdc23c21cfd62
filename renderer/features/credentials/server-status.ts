import type { Credential } from '../../../main/model/credential.ts'
import { texts } from '../../i18n/en.ts'

/** Whether jobs can use a server, in a word and a tone. */
export function serverStatus(credential: Credential): { tone: 'ok' | 'waiting' | 'problem'; word: string } {
  const words = texts.servers.status
  if (credential.blocked !== null) return { tone: 'problem', word: words.blocked }
  if (credential.hostKey === null) return { tone: 'waiting', word: words.unpinned }
  return { tone: 'ok', word: words.ok }
}
