import * as z from 'zod'
import { createJsonFile } from './json-file.ts'
import type { JsonFileOptions } from './json-file.ts'

const size = z.int().min(200).max(20_000)

/** settings.json: how the window looks. Nothing security-relevant: those settings are inside the vault. */
export const Settings = z.object({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** BCP 47, or what the system speaks. */
  language: z
    .string()
    .regex(/^(system|[a-z]{2,3}(-[A-Za-z0-9]{2,8})*)$/)
    .default('system'),
  startAtLogin: z.boolean().default(false),
  /** Size of the main window in device-independent pixels, null until it was changed. */
  window: z.object({ width: size, height: size, maximized: z.boolean() }).nullable().default(null),
})
export type Settings = z.infer<typeof Settings>

export type SettingsFile = {
  get(): Promise<Settings>
  /** Changes the fields given, under the lock `vault`, and returns all. Fields given as undefined stay. */
  set(patch: Partial<Settings>): Promise<Settings>
}

export function createSettingsFile(
  ports: Pick<JsonFileOptions<typeof Settings>, 'files' | 'lock' | 'log'>,
): SettingsFile {
  const file = createJsonFile({
    ...ports,
    path: 'settings.json',
    format: 'fernsync-settings/1',
    schema: Settings,
  })
  return {
    get: () => file.read(),
    set: (patch) => file.change((settings) => ({ ...settings, ...withoutUndefined(patch) })),
  }
}

function withoutUndefined(patch: Partial<Settings>): Partial<Settings> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))
}
