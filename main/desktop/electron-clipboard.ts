import { clipboard, ClipboardItem } from 'electron'
import type { Clipboard } from '../core/ports/clipboard.ts'
import { concealedFormats } from './concealed-formats.ts'
import { createSecretClipboard } from './secret-clipboard.ts'

/** Secrets go to the clipboard with the marks that ask its managers not to record or upload them. */
export function createElectronClipboard(platform: NodeJS.Platform): Clipboard {
  return createSecretClipboard({
    async write(text) {
      const marks = Object.entries(concealedFormats(platform)).map(([name, bytes]) => [
        `electron application/osclipboard;format="${name}"`,
        new Blob([bytes]),
      ])
      const formats = Object.fromEntries(marks) as Record<string, Blob> // reason: entries of Blobs
      await clipboard.write([new ClipboardItem({ 'text/plain': text, ...formats })])
    },
    readText: () => clipboard.readText(),
    clear: () => {
      clipboard.clear()
    },
  })
}
