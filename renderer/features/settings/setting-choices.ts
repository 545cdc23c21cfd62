import { texts } from '../../i18n/en.ts'

type Option = { value: string; label: string }

const NEVER = 'never'

/** Times after which the vault locks; a value set elsewhere is added as it is. */
export function idleOptions(current: number | null): Option[] {
  const known = Object.entries(texts.settings.locking.idleOptions).map(([value, label]) => ({ value, label }))
  const value = idleValue(current)
  const minutes = Math.round((current ?? 0) / 60_000)
  return known.some((option) => option.value === value)
    ? known
    : [...known, { value, label: `${minutes} minutes` }]
}

export function idleValue(ms: number | null): string {
  return ms === null ? NEVER : String(ms)
}

export function idleMs(value: string): number | null {
  return value === NEVER ? null : Number(value)
}

const secondChoices = [10, 20, 30, 60]

/** Times after which a secret goes from the clipboard or the screen; a value set elsewhere is added as it is. */
export function secondOptions(currentMs: number): Option[] {
  const current = Math.round(currentMs / 1000)
  const seconds = secondChoices.includes(current)
    ? secondChoices
    : [...secondChoices, current].sort((a, b) => a - b)
  return seconds.map((each) => ({ value: String(each * 1000), label: texts.settings.secrets.seconds(each) }))
}
