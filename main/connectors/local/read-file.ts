import { Buffer } from 'node:buffer'
import type { Stats } from 'node:fs'
import { RemoteError } from '../../core/remote/remote-error.ts'
import type { RemotePath } from '../../core/remote/remote-path.ts'
import type { Disk } from './disk.ts'
import { toRemoteError } from './errno.ts'
import { inParent, openFile } from './session.ts'
import type { LocalSession } from './session.ts'

/** Up to this size a file is read in one go. */
const smallFile = 262_144
const chunkSize = 262_144
/** Chunk buffers kept for the next file: two per file, a few files at once. */
const maxSpareBuffers = 16

export type ReadFile = (path: RemotePath, offset: number, signal: AbortSignal) => AsyncIterable<Uint8Array>

/** Makes the `read` of one connection, whose big files share a few buffers. */
export function createReadFile(session: LocalSession): ReadFile {
  const spare: Buffer[] = []
  const take = (): Buffer => spare.pop() ?? Buffer.allocUnsafeSlow(chunkSize)
  const give = (buffer: Buffer): void => {
    if (spare.length < maxSpareBuffers) spare.push(buffer)
  }

  return async function* read(path, offset, signal) {
    const { disk } = session
    let fd = -1
    try {
      await session.enter(signal)
      const opened = await inParent(session, path, false, (entry, folder) => openFile(session, entry, folder))
      fd = opened.fd
      const left = opened.stats.size - offset
      if (left > smallFile) yield* readBig(disk, opened, { offset, signal, take, give })
      else if (left > 0) yield await readSmall(disk, fd, offset, left)
      refuseChange(path, opened.stats, await disk.fstat(fd))
    } catch (error) {
      throw toRemoteError(error, `read ${path}`, signal)
    } finally {
      if (fd >= 0) await disk.close(fd)
    }
  }
}

async function readSmall(disk: Disk, fd: number, offset: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const count = await disk.read(fd, bytes.subarray(filled), offset + filled)
    if (count === 0) throw new RemoteError('source-changed', 'the file became shorter while it was read')
    filled += count
  }
  return bytes
}

type BigRead = {
  readonly offset: number
  readonly signal: AbortSignal
  readonly take: () => Buffer
  readonly give: (buffer: Buffer) => void
}

/** Reads the next chunk while the caller works on this one, into two buffers in turn. */
async function* readBig(
  disk: Disk,
  { fd, stats }: { fd: number; stats: Stats },
  { offset, signal, take, give }: BigRead,
): AsyncIterable<Uint8Array> {
  let current = take()
  let next = take()
  let position = offset
  const ask = (buffer: Buffer): Promise<number> => {
    const length = Math.min(chunkSize, Math.max(1, stats.size - position))
    const asked = disk.readAhead(fd, buffer.subarray(0, length), position)
    // Awaited later; until then a failure must not count as unhandled.
    asked.catch(() => undefined)
    return asked
  }
  let pending = ask(next)
  try {
    while (true) {
      const count = await pending
      signal.throwIfAborted()
      if (count === 0) return
      ;[current, next] = [next, current]
      position += count
      pending = ask(next)
      yield current.subarray(0, count)
    }
  } finally {
    // The pool thread may still be filling the buffer, and the caller closes the file next.
    await pending.catch(() => undefined)
    give(current)
    give(next)
  }
}

function refuseChange(path: RemotePath, before: Stats, after: Stats): void {
  if (before.size !== after.size || before.mtimeMs !== after.mtimeMs) {
    throw new RemoteError('source-changed', `read ${path}: the file changed while it was read`)
  }
}
