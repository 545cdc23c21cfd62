import * as z from 'zod'
import { RunProgress } from '../model/run.ts'
import { VaultState } from '../model/vault.ts'
import { CheckProgress } from '../model/vault-check.ts'

/** Main to page. Events say that something changed; they never drive the flow. */
export const events = {
  'vault.state': z.object({ state: VaultState }),
  /** How far a change of the vault key is; at most 5 a second. */
  'vault.rotation': z.object({ done: z.int(), total: z.int() }),
  /** How far a check of the vault is, a few times a second. */
  'vault.checking': CheckProgress,
  'jobs.changed': z.object({}),
  /** At most 5 a second per run. */
  'run.progress': RunProgress,
  /** The tray or a notification asks for a screen: a route path of the page's own router. */
  'app.navigate': z.object({ path: z.string().regex(/^\/[a-z0-9/-]*$/) }),
} as const

export type Events = typeof events
export type EventName = keyof Events
export type EventValue<N extends EventName> = z.output<Events[N]>
