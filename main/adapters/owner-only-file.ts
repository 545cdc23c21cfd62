import { chmodSync, closeSync, lstatSync, openSync } from 'node:fs'
import { AppError } from '../model/app-error.ts'
import { systemCode } from './system-errors.ts'

const OWNER_ONLY = 0o600
const OTHERS = 0o077

/**
 * Makes sure that a file for SQLite exists with mode 0600 before SQLite makes it with 0644; refuses a link and a folder.
 *
 * An existing file is never opened here: when a process closes any descriptor of a file, the kernel drops all POSIX locks that
 * it holds on it, those of SQLite's other connections included (fcntl(2), "record locks").
 */
export function ensureOwnerOnlyFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', OWNER_ONLY))
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
    const found = lstatSync(path)
    if (!found.isFile()) throw new AppError('home-unusable', 'something else is in the place of a file')
    if (process.platform !== 'win32' && (found.mode & OTHERS) !== 0) chmodSync(path, OWNER_ONLY)
  }
}
