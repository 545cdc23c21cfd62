/** One notification for a job that failed or waits. `key` replaces an earlier one with the same key. */
export type Notice = {
  readonly key: string
  readonly title: string
  readonly body: string
  readonly onClick?: () => void
}

export interface Notifier {
  show(notice: Notice): void
  clear(key: string): void
}
