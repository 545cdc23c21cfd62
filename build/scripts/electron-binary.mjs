/** Where the Electron binary of this checkout is, without ever loading `electron`, which would start a download. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/**
 * Absolute path of the binary that `install-electron` has put there, or null.
 *
 * @param {string} root
 * @returns {string | null}
 */
export function electronBinary(root) {
  const folder = path.join(root, 'node_modules', 'electron')
  const pathFile = path.join(folder, 'path.txt')
  if (!existsSync(pathFile)) return null
  const binary = path.join(folder, 'dist', readFileSync(pathFile, 'utf8').trim())
  return existsSync(binary) ? binary : null
}
