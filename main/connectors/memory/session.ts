import { RemoteError } from '../../core/remote/remote-error.ts'
import type { RemotePath } from '../../core/remote/remote-path.ts'
import type { Entry, Features, FileEntry } from '../../core/remote/remote.ts'
import type { MemoryFile, MemoryNode, MemoryStore } from './tree.ts'

export type OptionalMethod =
  'move' | 'link' | 'copy' | 'setModTime' | 'hash' | 'usage' | 'makeDurable' | 'rootIdentity'

export type MemoryRemoteParts = {
  readonly store: MemoryStore
  readonly features: Features
  readonly root: RemotePath
  readonly methods: readonly OptionalMethod[]
  readonly capacity: number | null
  readonly identity: string
  readonly tempName: () => string
  readonly now: () => number
}

/** What the parts of one connection share. */
export type MemorySession = MemoryRemoteParts & {
  /** Throws `closed` or `cancelled`; every call begins with it. */
  readonly check: (signal: AbortSignal) => void
  readonly absolute: (path: RemotePath) => string
  readonly entry: (path: RemotePath, node: MemoryNode) => Entry
}

/** Gives other calls their turn, as a network would: what races over a wire must race here. */
export async function settle(): Promise<void> {
  await Promise.resolve()
}

export function describeNode(path: RemotePath, node: MemoryNode, features: Features): Entry {
  switch (node.kind) {
    case 'file':
      return fileEntry(path, node, features)
    case 'dir':
      return { kind: 'dir', path }
    case 'other':
      return { kind: 'other', path, what: node.what }
    case 'invalid-name':
      throw new RemoteError('internal', 'a name that cannot be stored has no entry')
  }
}

export function fileEntry(path: RemotePath, file: MemoryFile, features: Features): FileEntry {
  const precision = features.modTimePrecisionMs
  return {
    kind: 'file',
    path,
    size: file.content.length,
    modTime: Math.floor(file.modTime / (precision ?? 1)) * (precision ?? 1),
    version: String(file.version),
  }
}

/** Bytes of all files below a node; a file with two names counts twice. */
export function usedBytes(node: MemoryNode): number {
  if (node.kind === 'file') return node.content.length
  if (node.kind !== 'dir') return 0
  let sum = 0
  for (const child of node.children.values()) sum += usedBytes(child.node)
  return sum
}
