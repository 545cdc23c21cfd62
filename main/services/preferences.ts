import type { Preferences } from '../contract/calls.ts'
import type { SettingsFile } from '../core/store/settings.ts'

/** Window preferences in settings.json: nothing security-relevant. */
export type PreferenceStore = {
  get(): Promise<Preferences>
  set(patch: Partial<Preferences>): Promise<Preferences>
  /** Called after each change with the new preferences. */
  onChange(listener: (preferences: Preferences) => void): void
}

export function createPreferenceStore(file: SettingsFile): PreferenceStore {
  const listeners: ((preferences: Preferences) => void)[] = []
  const pick = ({ theme, startAtLogin }: Preferences): Preferences => ({ theme, startAtLogin })
  return {
    get: async () => pick(await file.get()),
    async set(patch) {
      const preferences = pick(await file.set(patch))
      for (const listener of listeners) listener(preferences)
      return preferences
    },
    onChange: (listener) => void listeners.push(listener),
  }
}
