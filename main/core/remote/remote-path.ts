declare const brand: unique symbol

/**
 * A path below a remote's root, checked once at the edge: relative, `/`-separated, the exact text that was listed, no
 * empty, `.` or `..` part, no NUL. `''` is the root.
 */
export type RemotePath = string & { readonly [brand]: 'RemotePath' }

export const rootPath = '' as RemotePath

/** True for one name a server may list: not empty, not `.` or `..`, no `/`, no NUL. */
export function isSafeName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\0')
}

/** Returns the path, or null when it breaks a rule. */
export function tryParseRemotePath(text: string): RemotePath | null {
  if (text === '') return rootPath
  return text.split('/').every(isSafeName) ? (text as RemotePath) : null
}

/** Throws a RangeError that names the rule; for paths that were valid when they were stored. */
export function parseRemotePath(text: string): RemotePath {
  const path = tryParseRemotePath(text)
  if (path === null) throw new RangeError(`invalid path ${JSON.stringify(text)}`)
  return path
}

/** `name` must satisfy `isSafeName`; throws a RangeError otherwise. */
export function childPath(dir: RemotePath, name: string): RemotePath {
  if (!isSafeName(name)) throw new RangeError(`invalid name ${JSON.stringify(name)}`)
  return (dir === '' ? name : `${dir}/${name}`) as RemotePath
}

/** The folder of `path`; the root is its own parent. */
export function parentPath(path: RemotePath): RemotePath {
  const slash = path.lastIndexOf('/')
  return (slash < 0 ? '' : path.slice(0, slash)) as RemotePath
}

/** The last part of `path`; `''` for the root. */
export function baseName(path: RemotePath): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** What compares two paths: NFC, plus case folding where either side is case-insensitive. Never used to open a file. */
export function pathKey(path: string, foldCase: boolean): string {
  const key = path.normalize('NFC')
  return foldCase ? key.toUpperCase().toLowerCase() : key
}

/** Names that belong to us on both sides: `.fernsync`, `.fernsync-...`; never synced either way. */
export function isReservedName(name: string): boolean {
  return /^\.fernsync(-|$)/i.test(name)
}
