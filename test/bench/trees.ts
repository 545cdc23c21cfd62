import { createHash } from 'node:crypto'
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'

const filesPerFolder = 100
const pieceBytes = 1024 * 1024
/** Older than any scan, so that no file counts as just being written. */
const madeAt = 1_767_225_600

function writeFile(path: string, bytes: number): void {
  const fd = openSync(path, 'wx', 0o644)
  for (let left = bytes; left > 0; left -= pieceBytes) writeSync(fd, randomBytes(Math.min(left, pieceBytes)))
  closeSync(fd)
  utimesSync(path, madeAt, madeAt)
}

/** `count` files of `bytes` random bytes each, a hundred to a folder. */
export function makeTree(folder: string, { count, bytes }: { count: number; bytes: number }): void {
  mkdirSync(folder, { recursive: true })
  for (let number = 0; number < count; number += 1) {
    const part = join(folder, `folder-${String(Math.floor(number / filesPerFolder)).padStart(3, '0')}`)
    if (number % filesPerFolder === 0) mkdirSync(part)
    writeFile(join(part, `file-${String(number).padStart(5, '0')}.bin`), bytes)
  }
}

function hashFile(path: string, piece: Buffer): string {
  const hash = createHash('sha256')
  const fd = openSync(path, 'r')
  try {
    for (;;) {
      const length = readSync(fd, piece)
      if (length === 0) return hash.digest('hex')
      hash.update(piece.subarray(0, length))
    }
  } finally {
    closeSync(fd)
  }
}

/** One hash over every name, content and time (in seconds) below `folder`; what Fernsync keeps for itself is left out. */
export function treeHash(folder: string): string {
  const whole = createHash('sha256')
  const piece = Buffer.allocUnsafe(pieceBytes)
  const walk = (path: string): void => {
    const names = readdirSync(join(folder, path), { withFileTypes: true })
    for (const entry of names.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.fernsync')) continue
      const below = path === '' ? entry.name : `${path}/${entry.name}`
      if (entry.isDirectory()) {
        whole.update(`dir ${below}\n`)
        walk(below)
      } else {
        const { mtimeMs } = statSync(join(folder, below))
        const time = Math.floor(mtimeMs / 1000)
        whole.update(`file ${below} ${time} ${hashFile(join(folder, below), piece)}\n`)
      }
    }
  }
  walk('')
  return whole.digest('hex')
}
