/**
 * Keeps the unlock window in front of a vault that is open already: while it asks for a new password after a recovery key, or
 * offers a recovery key for a new vault, with the secret that was just typed into it. So that secret stays in the one process
 * that dies with the window, and is neither asked for twice nor kept here.
 */
export type Threshold = {
  hold(): void
  /** Lets the window of the open vault take its place, and tells who shows windows. */
  release(): void
  /** Ends the hold without a word: the window is gone, or the vault was locked. */
  drop(): void
  isHeld(): boolean
  onRelease(listener: () => void): void
}

export function createThreshold(): Threshold {
  const listeners: (() => void)[] = []
  let held = false
  return {
    hold() {
      held = true
    },
    release() {
      held = false
      for (const listener of listeners) listener()
    },
    drop() {
      held = false
    },
    isHeld: () => held,
    onRelease: (listener) => void listeners.push(listener),
  }
}
