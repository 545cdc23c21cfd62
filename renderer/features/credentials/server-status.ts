import { daysUntil, expiryTone, expiryWords } from '../../../main/messages/en/expiry.ts'
import type { Credential } from '../../../main/model/credential.ts'
import { texts } from '../../i18n/en.ts'

export type CredentialStatus = { readonly tone: 'ok' | 'waiting' | 'problem' | 'off'; readonly word: string }

/** The one thing to know of a credential, in a word and a tone. `off` = nothing is wrong and nothing runs with it. */
export function serverStatus(credential: Credential, now: number): CredentialStatus {
  const words = texts.servers.status
  if (credential.blocked !== null) return { tone: 'problem', word: words.blocked }
  if (credential.needsSignInHere) return { tone: 'waiting', word: texts.credentials.signInHere.word }
  const end = expiryStatus(credential, now)
  if (end !== null && end.tone !== 'ok') return end
  if (credential.type !== 'sftp') return { tone: 'off', word: texts.credentials.choose.kept }
  if (credential.hostKey === null) return { tone: 'waiting', word: words.unpinned }
  return { tone: 'ok', word: words.ok }
}

/** When it ends, in words; null when no end is known. */
export function expiryStatus({ expires }: Credential, now: number): CredentialStatus | null {
  if (expires === null) return null
  const days = daysUntil(expires, now)
  const tones = { over: 'problem', soon: 'waiting', later: 'ok' } as const
  return { tone: tones[expiryTone(days)], word: expiryWords(days) }
}
