import { createHash } from 'node:crypto'
import type { Clipboard } from '../core/ports/clipboard.ts'

/** The clipboard of the system, as far as it is needed. */
export type SystemClipboard = {
  /** Puts text there with the marks that ask managers not to record it. */
  write(text: string): Promise<void>
  readText(): Promise<string>
  clear(): void
}

/**
 * Copies secrets and takes them away again, one call after the other: a lock that clears while a copy is still being written would
 * find nothing of ours, and the secret that arrives after it would stay for good.
 */
export function createSecretClipboard(system: SystemClipboard): Clipboard {
  // A hash, not the secret, tells later whether the clipboard is still ours.
  let ours: string | null = null
  let last: Promise<void> = Promise.resolve()
  const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }
  return {
    copySecret(secret) {
      const text = new TextDecoder().decode(secret)
      secret.fill(0)
      return inTurn(async () => {
        ours = hashOf(text)
        await system.write(text)
      })
    },
    clearIfOurs: () =>
      inTurn(async () => {
        const hash = ours
        if (hash === null) return
        ours = null
        if (hashOf(await system.readText()) === hash) system.clear()
      }),
  }
}
