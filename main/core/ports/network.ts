export interface Network {
  /** False only when the machine is surely offline. */
  isOnline(): boolean
}
