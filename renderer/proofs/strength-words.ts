import { texts } from '../i18n/en.ts'
import type { Strength } from './strength.ts'

/** A strength in words, with the one hint that helps most. */
export function strengthWords({ score, hint }: Strength): string {
  const words = texts.unlock.strength
  return hint === null ? words.words[score] : `${words.words[score]}. ${words.hints[hint]}`
}
