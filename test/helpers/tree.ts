import { createHash } from 'node:crypto'
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { parseRemotePath, rootPath } from '../../main/core/remote/remote-path.ts'
import type { RemotePath } from '../../main/core/remote/remote-path.ts'
import type { Remote } from '../../main/core/remote/remote.ts'

/** Files by relative path; a path that ends in `/` is an empty folder. */
export type TreeContent = Readonly<Record<string, string | Uint8Array>>

/** Sorted `path -> hash` of a tree: sha256 of a file, `dir`, `link <target>`, or `other`. Equal snapshots = equal trees. */
export type TreeSnapshot = Readonly<Record<string, string>>

export type MakeTreeOptions = {
  /** Milliseconds since 1970 for every file; absent = now. */
  readonly modTime?: number
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const never = new AbortController().signal

const toBytes = (content: string | Uint8Array): Uint8Array =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content

/** Writes the files below `root`, which is made when missing. */
export function makeTree(root: string, tree: TreeContent, { modTime }: MakeTreeOptions = {}): void {
  mkdirSync(root, { recursive: true })
  for (const [path, content] of Object.entries(tree)) {
    if (path.endsWith('/')) {
      mkdirSync(join(root, path), { recursive: true })
      continue
    }
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
    if (modTime !== undefined) utimesSync(join(root, path), modTime / 1000, modTime / 1000)
  }
}

/** The same through a Remote. */
export async function makeRemoteTree(
  remote: Remote,
  tree: TreeContent,
  { modTime }: MakeTreeOptions = {},
): Promise<void> {
  for (const [path, content] of Object.entries(tree)) {
    if (path.endsWith('/')) {
      await remote.mkdir(parseRemotePath(path.slice(0, -1)), never)
      continue
    }
    const bytes = toBytes(content)
    const source = { size: bytes.length, modTime: modTime ?? null, open: () => only(bytes) }
    await remote.write(parseRemotePath(path), source, 'replace', never)
  }
}

async function* only(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(bytes)
}

export type SnapshotOptions = {
  /** False for names to leave out, with everything below them; for our own marker and safety folder. */
  readonly keep?: (path: string) => boolean
}

/** Leaves out what is ours: `.fernsync` and `.fernsync-...` at any level. */
export const withoutOurs = (path: string): boolean => !/(^|\/)\.fernsync(-|\/|$)/.test(path)

/** Reads a tree on disk; links are named, never followed. */
export function snapshotTree(root: string, { keep = () => true }: SnapshotOptions = {}): TreeSnapshot {
  const found: Record<string, string> = {}
  const visit = (dir: string): void => {
    for (const name of readdirSync(join(root, dir))) {
      const path = dir === '' ? name : `${dir}/${name}`
      if (!keep(path)) continue
      const stats = lstatSync(join(root, path))
      if (stats.isDirectory()) {
        found[`${path}/`] = 'dir'
        visit(path)
      } else if (stats.isSymbolicLink()) found[path] = `link ${readlinkSync(join(root, path))}`
      else found[path] = stats.isFile() ? sha256(readFileSync(join(root, path))) : 'other'
    }
  }
  visit('')
  return sorted(found)
}

/** Reads a tree through a Remote. */
export async function snapshotRemote(
  remote: Remote,
  { keep = () => true }: SnapshotOptions = {},
): Promise<TreeSnapshot> {
  const found: Record<string, string> = {}
  const visit = async (dir: RemotePath): Promise<void> => {
    for await (const batch of remote.list(dir, never)) {
      for (const entry of batch) {
        if (entry.kind === 'invalid-name') found[`${dir}/${entry.shown}`] = 'other'
        else if (!keep(entry.path)) continue
        else if (entry.kind === 'dir') {
          found[`${entry.path}/`] = 'dir'
          await visit(entry.path)
        } else found[entry.path] = entry.kind === 'file' ? await hashOf(remote, entry.path) : 'other'
      }
    }
  }
  await visit(rootPath)
  return sorted(found)
}

async function hashOf(remote: Remote, path: RemotePath): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of remote.read(path, 0, never)) hash.update(chunk)
  return hash.digest('hex')
}

function sorted(found: Record<string, string>): TreeSnapshot {
  return Object.fromEntries(Object.entries(found).sort(([left], [right]) => (left < right ? -1 : 1)))
}

/** Paths in which two snapshots differ; empty = equal trees. Shorter to read than two maps when a test fails. */
export function differences(left: TreeSnapshot, right: TreeSnapshot): readonly string[] {
  const paths = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...paths].filter((path) => left[path] !== right[path]).sort()
}

export type RandomTreeOptions = {
  readonly seed: number
  readonly files: number
  /** Bytes; sizes are spread between 0 and this. */
  readonly maxSize?: number
  /** Entries per folder, about; default 50. */
  readonly perFolder?: number
  /** True adds spaces, quotes, emoji, decomposed Unicode and newlines to names. */
  readonly hasOddNames?: boolean
}

const oddNames = [
  ' a b ',
  `it's "q"`,
  'caf\u00e9',
  'nfd-e\u0301',
  '\u{1F469}\u200D\u{1F680}',
  'line\nbreak',
  '.dot',
  '%41+&#',
]

/** A tree that is the same for the same seed, with folders up to four levels deep. */
export function randomTree(options: RandomTreeOptions): Readonly<Record<string, Uint8Array>> {
  const { seed, files, maxSize = 4096, perFolder = 50, hasOddNames = false } = options
  const random = seededRandom(seed)
  const folders = ['']
  while (folders.length < files / perFolder) {
    const parent = folders[random(folders.length)] ?? ''
    if (parent.split('/').length > 4) continue
    folders.push(`${parent}d${folders.length}/`)
  }
  const tree: Record<string, Uint8Array> = {}
  for (let index = 0; index < files; index += 1) {
    const odd = hasOddNames && random(4) === 0 ? (oddNames[random(oddNames.length)] ?? '') : ''
    const content = new Uint8Array(random(maxSize + 1))
    for (let offset = 0; offset < content.length; offset += 1) content[offset] = random(256)
    tree[`${folders[random(folders.length)] ?? ''}f${index}${odd}`] = content
  }
  return tree
}

/** Mulberry32; returns an integer below `limit`. */
export function seededRandom(seed: number): (limit: number) => number {
  let state = seed >>> 0
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * limit)
  }
}
