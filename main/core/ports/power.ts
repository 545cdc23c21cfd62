/** `user-switch` = another person's session came to the front. */
export type PowerEvent = 'suspend' | 'resume' | 'lock-screen' | 'unlock-screen' | 'user-switch' | 'shutdown'

/** Power and session state of the machine. The headless adapter reports no events and no idle time. */
export interface Power {
  onEvent(listener: (event: PowerEvent) => void): () => void
  /** Seconds since the last input; 0 when unknown. */
  idleSeconds(): number
  isOnBattery(): boolean
  /** Keeps the system awake until the returned function is called (idempotent). */
  blockSleep(): () => void
}
