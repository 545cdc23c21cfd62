import { texts } from '../../i18n/en.ts'

type Option = { value: string; label: string }

const NEVER = 'never'

/** Each time after which the vault can lock by itself. */
export type LockLimit = 'lockAfterIdleMs' | 'lockAfterClosedMs' | 'lockAfterSessionMs'

const { never, minutes, hours } = texts.settings.locking

const choices: Readonly<Record<LockLimit, readonly number[]>> = {
  lockAfterIdleMs: [1, 5, 15, 60].map((count) => count * 60_000),
  lockAfterClosedMs: [1, 5, 15].map((count) => count * 60_000),
  lockAfterSessionMs: [1, 4, 8, 12, 24].map((count) => count * 3_600_000),
}

/** Times to choose from, `never` last; a value set elsewhere is put in its place among them. */
export function limitOptions(limit: LockLimit, current: number | null): Option[] {
  const known = choices[limit]
  const all = current === null || known.includes(current) ? known : [...known, current].sort((a, b) => a - b)
  return [
    ...all.map((ms) => ({ value: String(ms), label: durationLabel(ms) })),
    { value: NEVER, label: never },
  ]
}

/** `5 minutes`, `12 hours`. */
export function durationLabel(ms: number): string {
  return ms % 3_600_000 === 0 ? hours(ms / 3_600_000) : minutes(Math.round(ms / 60_000))
}

export function limitValue(ms: number | null): string {
  return ms === null ? NEVER : String(ms)
}

export function limitMs(value: string): number | null {
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
