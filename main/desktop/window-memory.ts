import type { NodeHome } from '../adapters/node-home.ts'

type SettingsFile = Pick<NodeHome['settings'], 'get' | 'set'>
export type WindowSize = NonNullable<Awaited<ReturnType<SettingsFile['get']>>['window']>

/** The size of the window, kept in settings.json. Where it was is left to the desktop, which knows its screens. */
export type WindowMemory = {
  /** Null until the size was changed for the first time. */
  last(): WindowSize | null
  note(size: WindowSize): void
  /** Writes what was noted since the last call; a size that cannot be kept is no reason to trouble anyone. */
  save(): Promise<void>
}

export async function openWindowMemory(file: SettingsFile): Promise<WindowMemory> {
  let size = await file.get().then(
    ({ window }) => window,
    () => null,
  )
  let isSaved = true
  return {
    last: () => size,
    note(next) {
      isSaved &&= JSON.stringify(next) === JSON.stringify(size)
      size = next
    },
    async save() {
      if (isSaved) return
      isSaved = true
      await file.set({ window: size }).catch(() => undefined)
    },
  }
}
