import { createHash } from 'node:crypto'
import { clipboard, ClipboardItem } from 'electron'
import type { Clipboard } from '../core/ports/clipboard.ts'
import { concealedFormats } from './concealed-formats.ts'

/** Secrets go to the clipboard with the marks that ask its managers not to record or upload them. */
export function createElectronClipboard(platform: NodeJS.Platform): Clipboard {
  // A hash, not the secret, tells later whether the clipboard is still ours.
  let ours: string | null = null
  const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')
  return {
    async copySecret(secret) {
      const text = new TextDecoder().decode(secret)
      secret.fill(0)
      ours = hashOf(text)
      const marks = Object.entries(concealedFormats(platform)).map(([name, bytes]) => [
        `electron application/osclipboard;format="${name}"`,
        new Blob([bytes]),
      ])
      const formats = Object.fromEntries(marks) as Record<string, Blob> // reason: entries of Blobs
      await clipboard.write([new ClipboardItem({ 'text/plain': text, ...formats })])
    },
    async clearIfOurs() {
      const hash = ours
      if (hash === null) return
      ours = null
      if (hashOf(await clipboard.readText()) === hash) clipboard.clear()
    },
  }
}
