import { createFieldReader, encodeTimes, noAttributes, packetType, ProtocolError } from './wire.ts'
import type { Attributes, NamedAttributes } from './wire.ts'
import { StatusError, statusCode, type Session } from './session.ts'

/** Extensions of OpenSSH that we use where the server announces them (OpenSSH's PROTOCOL file, section 4). */
export const extension = {
  posixRename: 'posix-rename@openssh.com',
  hardlink: 'hardlink@openssh.com',
  statvfs: 'statvfs@openssh.com',
  limits: 'limits@openssh.com',
  lsetstat: 'lsetstat@openssh.com',
} as const

export type Handle = Buffer

/** The file system behind a path: bytes, and whether it is out of file numbers. */
export type Space = { readonly total: number; readonly free: number; readonly noMoreFiles: boolean }

export type Limits = { readonly read: number; readonly write: number; readonly openHandles: number }

/** What servers without `limits@openssh.com` must take at least: 34,000 bytes a packet (draft, section 3). */
const plainLimits: Limits = { read: 32_768, write: 32_768, openHandles: 64 }

/** One function per request; paths are as the server takes them. All reject with `StatusError` or RemoteError. */
export const operations = {
  async open(session: Session, path: string, flags: number): Promise<Handle> {
    return (await session.call('handle', packetType.open, [path, flags, ...noAttributes])).handle
  },
  async close(session: Session, handle: Handle): Promise<void> {
    await session.call('status', packetType.close, [handle])
  },
  /** Does not follow links. */
  async lstat(session: Session, path: string): Promise<Attributes> {
    return (await session.call('attributes', packetType.lstat, [path])).attributes
  },
  /** Follows links. */
  async stat(session: Session, path: string): Promise<Attributes> {
    return (await session.call('attributes', packetType.stat, [path])).attributes
  },
  async fstat(session: Session, handle: Handle): Promise<Attributes> {
    return (await session.call('attributes', packetType.fstat, [handle])).attributes
  },
  async setHandleTime(session: Session, handle: Handle, seconds: number): Promise<void> {
    await session.call('status', packetType.fsetstat, [handle, ...encodeTimes(seconds)])
  },
  /** Follows links unless the server has lsetstat. */
  async setTime(session: Session, path: string, seconds: number): Promise<void> {
    const times = encodeTimes(seconds)
    if (session.extensions.has(extension.lsetstat)) {
      await session.call('status', packetType.extended, [extension.lsetstat, path, ...times])
    } else await session.call('status', packetType.setstat, [path, ...times])
  },
  async openDir(session: Session, path: string): Promise<Handle> {
    return (await session.call('handle', packetType.opendir, [path])).handle
  },
  /** The next names, or null after the last. */
  async readDir(session: Session, handle: Handle): Promise<readonly NamedAttributes[] | null> {
    try {
      return (await session.call('names', packetType.readdir, [handle])).names
    } catch (error) {
      if (error instanceof StatusError && error.status === statusCode.endOfFile) return null
      throw error
    }
  },
  async remove(session: Session, path: string): Promise<void> {
    await session.call('status', packetType.remove, [path])
  },
  async makeDir(session: Session, path: string): Promise<void> {
    await session.call('status', packetType.mkdir, [path, ...noAttributes])
  },
  async removeDir(session: Session, path: string): Promise<void> {
    await session.call('status', packetType.rmdir, [path])
  },
  /** Must not replace (draft, section 6.5), though some servers do. */
  async rename(session: Session, from: string, to: string): Promise<void> {
    await session.call('status', packetType.rename, [from, to])
  },
  /** Replaces in one step. */
  async posixRename(session: Session, from: string, to: string): Promise<void> {
    await session.call('status', packetType.extended, [extension.posixRename, from, to])
  },
  async hardlink(session: Session, from: string, to: string): Promise<void> {
    await session.call('status', packetType.extended, [extension.hardlink, from, to])
  },
  async realPath(session: Session, path: string): Promise<string | null> {
    const [first] = (await session.call('names', packetType.realpath, [path])).names
    return first === undefined ? null : first.name.toString('utf8')
  },
  async space(session: Session, path: string): Promise<Space> {
    const { body } = await session.call('extended', packetType.extended, [extension.statvfs, path])
    const reader = createFieldReader(body)
    const next = (): number => Number(reader.u64())
    next() // The block size for input and output; the counts below are in fragments.
    const [fragment, blocks, , available, files, , freeFiles] = Array.from({ length: 7 }, next)
    if (fragment === undefined || blocks === undefined || available === undefined) {
      throw new ProtocolError('a statvfs reply is too short')
    }
    // File systems without a fixed number of files say 0 of 0.
    const noMoreFiles = files !== 0 && freeFiles === 0
    return { total: fragment * blocks, free: fragment * available, noMoreFiles }
  },
  async limits(session: Session): Promise<Limits> {
    if (!session.extensions.has(extension.limits)) return plainLimits
    const { body } = await session.call('extended', packetType.extended, [extension.limits])
    const reader = createFieldReader(body)
    reader.u64()
    const [read, write, openHandles] = [Number(reader.u64()), Number(reader.u64()), Number(reader.u64())]
    const most = 255 * 1024
    return {
      read: read > 0 ? Math.min(read, most) : plainLimits.read,
      write: write > 0 ? Math.min(write, most) : plainLimits.write,
      openHandles: openHandles > 0 ? openHandles : plainLimits.openHandles,
    }
  },
} as const
