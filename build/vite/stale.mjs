/** Whether the last build is older than what it was made from. */
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'

export const STAMP = '.built'

/** Everything that a build reads; of build/scripts and test/ nothing ends up in out/. */
export const SOURCES = ['main', 'renderer', 'build/vite', 'build/icons', 'package.json', 'package-lock.json']

/**
 * The newest change among files and folders, in ms since the epoch; 0 when there are none.
 * Folders count too: their time changes when a file is removed or renamed.
 *
 * @param {string} root
 * @param {readonly string[]} names
 */
export function newestChange(root, names) {
  let newest = 0
  /** @param {string} file */
  const look = (file) => {
    const stat = statSync(file, { throwIfNoEntry: false })
    if (stat === undefined) return
    newest = Math.max(newest, stat.mtimeMs)
    if (stat.isDirectory()) for (const name of readdirSync(file)) look(path.join(file, name))
  }
  for (const name of names) look(path.join(root, name))
  return newest
}

/**
 * True when there is no finished build in `outDir` or a source changed after it began.
 *
 * @param {string} root
 * @param {string} outDir
 */
export function isStale(root, outDir) {
  const stamp = statSync(path.join(outDir, STAMP), { throwIfNoEntry: false })
  return stamp === undefined || newestChange(root, SOURCES) > stamp.mtimeMs
}
