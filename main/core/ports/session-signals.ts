import type { PowerEvent } from './power.ts'

/** What the person's session on this machine says of itself where `Power` hears nothing of it: screen, user, sleep. */
export interface SessionSignals {
  /**
   * Tells what happens from now on, until the returned function is called (idempotent). Never throws: where the system
   * cannot be listened to, nothing is told.
   */
  watch(listener: (event: PowerEvent) => void): () => void
}

/** For systems whose `Power` tells everything itself. */
export const noSessionSignals: SessionSignals = { watch: () => () => {} }
