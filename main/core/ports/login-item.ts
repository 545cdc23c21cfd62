/** Whether the app starts when the person logs in. */
export interface LoginItem {
  isOn(): boolean
  set(on: boolean): void
}
