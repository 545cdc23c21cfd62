const versions = new WeakMap<Uint8Array, number>()
let last = 0

/** A number of its own for each content, like the time of a file system that ticks with every write. */
export function versionOf(content: Uint8Array): number {
  const version = versions.get(content) ?? (last += 1)
  versions.set(content, version)
  return version
}
