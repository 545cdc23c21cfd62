import { isReady } from './lifecycle.ts'
import { seam } from './seam.ts'
import { strict } from './strict.ts'

type Part = string | Blob | Promise<string | Blob>

/** electron.ClipboardItem, for text and blobs. */
export class ClipboardItem {
  readonly types: string[]
  readonly _parts: Record<string, Part>
  constructor(items: Record<string, Part>) {
    this._parts = items
    this.types = Object.keys(items)
  }
  async getType(type: string): Promise<Blob> {
    const part = this._parts[type]
    if (part === undefined) throw new Error(`The type '${type}' was not found`)
    const value = await part
    return typeof value === 'string' ? new Blob([value], { type }) : value
  }
}

function requireReady(): void {
  if (!isReady()) throw new Error('clipboard is not available before app is ready')
}

/** One clipboard in memory: the machine's own is neither read nor written, and pages cannot reach this one. */
function createClipboard(slot: 'text' | 'selection') {
  return {
    clear(): void {
      seam.clipboard[slot] = ''
      if (slot === 'text') seam.clipboard.formats = {}
    },
    has: (mimetype: string) => Promise.resolve(mimetype === 'text/plain' && seam.clipboard[slot] !== ''),
    readText: async () => {
      requireReady()
      return Promise.resolve(seam.clipboard[slot])
    },
    writeText: async (text: string) => {
      requireReady()
      seam.clipboard[slot] = text
      if (slot === 'text') seam.clipboard.formats = {}
      return Promise.resolve()
    },
    read: () => {
      const text = seam.clipboard[slot]
      return Promise.resolve(text === '' ? [] : [new ClipboardItem({ 'text/plain': text })])
    },
    write: async (items: ClipboardItem[]) => {
      const parts = new Map<string, string>()
      for (const item of items) {
        for (const type of item.types) parts.set(type, await (await item.getType(type)).text())
      }
      seam.clipboard[slot] = parts.get('text/plain') ?? ''
      parts.delete('text/plain')
      if (slot === 'text') seam.clipboard.formats = Object.fromEntries(parts)
    },
  } satisfies Omit<Electron.Clipboard, 'read' | 'write' | 'selection'> & Record<'read' | 'write', unknown>
}

export const clipboard = strict('clipboard', {
  ...createClipboard('text'),
  selection: strict('clipboard.selection', createClipboard('selection')),
})
