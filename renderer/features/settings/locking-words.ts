import type { VaultSettings } from '../../../main/model/vault.ts'
import { texts } from '../../i18n/en.ts'
import { durationLabel } from './setting-choices.ts'

const words = texts.waysIn.protection
const limits = [
  ['lockAfterIdleMs', words.idle],
  ['lockAfterClosedMs', words.closed],
  ['lockAfterSessionMs', words.session],
] as const

/** When the vault locks by itself, as one sentence. */
export function lockingWords(settings: VaultSettings): string {
  const times = limits.flatMap(([limit, say]) => {
    const ms = settings[limit]
    return ms === null ? [] : [say(durationLabel(ms))]
  })
  const events = [
    ...(settings.lockOnScreenLock ? [words.screen] : []),
    ...(settings.lockOnSuspend ? [words.suspend] : []),
  ]
  const all = [...events, ...times]
  if (all.length === 0) return words.lockNever
  const sentence = `${all.join(', ')}.`
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}
