import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import ssh2 from 'ssh2'
import type { Attributes, SFTPWrapper } from 'ssh2'
import { startSsh2Server, type Ssh2Server } from './ssh2-server.ts'

const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp

export type LimitedOptions = {
  /** Plain rename replaces an existing file, against the draft, as some servers do. */
  readonly renameReplaces?: boolean
}

export type LimitedServer = Ssh2Server & { readonly root: string }

function attributesOf(stats: fs.Stats): Attributes {
  const { mode, uid, gid, size } = stats
  return {
    mode,
    uid,
    gid,
    size,
    atime: Math.floor(stats.atimeMs / 1000),
    mtime: Math.floor(stats.mtimeMs / 1000),
  }
}

function flagsOf(flags: number): number {
  const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC } = fs.constants
  const has = (flag: number): boolean => (flags & flag) !== 0
  const access = has(OPEN_MODE.WRITE) ? (has(OPEN_MODE.READ) ? O_RDWR : O_WRONLY) : O_RDONLY
  return (
    access |
    (has(OPEN_MODE.CREAT) ? O_CREAT : 0) |
    (has(OPEN_MODE.EXCL) ? O_EXCL : 0) |
    (has(OPEN_MODE.TRUNC) ? O_TRUNC : 0)
  )
}

function statusOf(error: unknown): number {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'ENOENT' || code === 'ENOTDIR') return STATUS_CODE.NO_SUCH_FILE
  return code === 'EACCES' || code === 'EPERM' ? STATUS_CODE.PERMISSION_DENIED : STATUS_CODE.FAILURE
}

/** Handles as numbers in four bytes, so that nothing of this machine shows. */
function createHandles<T>() {
  const values = new Map<number, T>()
  let last = 0
  return {
    add(value: T): Buffer {
      const handle = Buffer.alloc(4)
      handle.writeUInt32BE(++last)
      values.set(last, value)
      return handle
    },
    get(handle: Buffer): T {
      const value = values.get(handle.readUInt32BE())
      if (value === undefined) throw new Error('bad handle')
      return value
    },
    drop: (handle: Buffer) => values.delete(handle.readUInt32BE()),
  }
}

type Open = { readonly fd: number } | { readonly names: string[]; readonly dir: string }

/** Runs one request; what it throws becomes a status. */
function answer(sftp: SFTPWrapper, id: number, work: () => void): void {
  try {
    work()
  } catch (error) {
    sftp.status(id, statusOf(error))
  }
}

function serveFiles(
  sftp: SFTPWrapper,
  handles: ReturnType<typeof createHandles<Open>>,
  at: (path: string) => string,
): void {
  const fdOf = (handle: Buffer): number => {
    const open = handles.get(handle)
    if (!('fd' in open)) throw new Error('not a file')
    return open.fd
  }
  sftp.on('OPEN', (id, path, flags) =>
    answer(sftp, id, () => sftp.handle(id, handles.add({ fd: fs.openSync(at(path), flagsOf(flags)) }))),
  )
  sftp.on('READ', (id, handle, offset, length) =>
    answer(sftp, id, () => {
      // Short replies are allowed, and some servers give nothing but them.
      const buffer = Buffer.alloc(Math.min(length, 20_000))
      const count = fs.readSync(fdOf(handle), buffer, 0, buffer.length, offset)
      if (count === 0) sftp.status(id, STATUS_CODE.EOF)
      else sftp.data(id, buffer.subarray(0, count))
    }),
  )
  sftp.on('WRITE', (id, handle, offset, data) =>
    answer(sftp, id, () => {
      fs.writeSync(fdOf(handle), data, 0, data.length, offset)
      sftp.status(id, STATUS_CODE.OK)
    }),
  )
  sftp.on('FSTAT', (id, handle) =>
    answer(sftp, id, () => sftp.attrs(id, attributesOf(fs.fstatSync(fdOf(handle))))),
  )
  sftp.on('FSETSTAT', (id, handle, attributes) =>
    answer(sftp, id, () => {
      fs.futimesSync(fdOf(handle), attributes.atime, attributes.mtime)
      sftp.status(id, STATUS_CODE.OK)
    }),
  )
  sftp.on('CLOSE', (id, handle) =>
    answer(sftp, id, () => {
      const open = handles.get(handle)
      if ('fd' in open) fs.closeSync(open.fd)
      handles.drop(handle)
      sftp.status(id, STATUS_CODE.OK)
    }),
  )
}

function serveFolders(
  sftp: SFTPWrapper,
  handles: ReturnType<typeof createHandles<Open>>,
  at: (path: string) => string,
): void {
  sftp.on('OPENDIR', (id, path) =>
    answer(sftp, id, () => sftp.handle(id, handles.add({ names: fs.readdirSync(at(path)), dir: at(path) }))),
  )
  sftp.on('READDIR', (id, handle) =>
    answer(sftp, id, () => {
      const open = handles.get(handle)
      if (!('names' in open)) throw new Error('not a folder')
      const names = open.names.splice(0, 50)
      if (names.length === 0) sftp.status(id, STATUS_CODE.EOF)
      else {
        sftp.name(
          id,
          names.map((filename) => {
            const attrs = attributesOf(fs.lstatSync(join(open.dir, filename)))
            return { filename, longname: filename, attrs }
          }),
        )
      }
    }),
  )
  sftp.on('REALPATH', (id, path) => sftp.name(id, [realPath(path)]))
  for (const [event, work] of [
    ['MKDIR', fs.mkdirSync],
    ['RMDIR', fs.rmdirSync],
    ['REMOVE', fs.unlinkSync],
  ] as const) {
    // The three events have the same shape up to what we use; the declared overloads cannot be called with a union.
    sftp.on(event as 'REMOVE', (id: number, path: string) =>
      answer(sftp, id, () => {
        work(at(path))
        sftp.status(id, STATUS_CODE.OK)
      }),
    )
  }
}

function realPath(path: string) {
  const filename = posix.resolve('/', path)
  const attrs = { mode: 0o40755, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 }
  return { filename, longname: filename, attrs }
}

function servePaths(sftp: SFTPWrapper, at: (path: string) => string, options: LimitedOptions): void {
  sftp.on('LSTAT', (id, path) => answer(sftp, id, () => sftp.attrs(id, attributesOf(fs.lstatSync(at(path))))))
  sftp.on('STAT', (id, path) => answer(sftp, id, () => sftp.attrs(id, attributesOf(fs.statSync(at(path))))))
  sftp.on('SETSTAT', (id, path, attributes) =>
    answer(sftp, id, () => {
      fs.utimesSync(at(path), attributes.atime, attributes.mtime)
      sftp.status(id, STATUS_CODE.OK)
    }),
  )
  sftp.on('RENAME', (id, from, to) =>
    answer(sftp, id, () => {
      if (options.renameReplaces !== true && fs.existsSync(at(to))) throw new Error('exists')
      fs.renameSync(at(from), at(to))
      sftp.status(id, STATUS_CODE.OK)
    }),
  )
}

/** A second implementation of the server's side, over a temp folder: version 3 and no extension at all. */
export async function startLimitedSftp(options: LimitedOptions = {}): Promise<LimitedServer> {
  const root = fs.mkdtempSync(join(tmpdir(), 'fernsync-limited-'))
  const at = (path: string): string => join(root, posix.resolve('/', path))
  const removeRoot = (): void => fs.rmSync(root, { recursive: true, force: true })
  process.on('exit', removeRoot)
  const server = await startSsh2Server({
    serve(sftp) {
      const handles = createHandles<Open>()
      serveFiles(sftp, handles, at)
      serveFolders(sftp, handles, at)
      servePaths(sftp, at, options)
    },
  })
  return {
    ...server,
    root,
    async stop() {
      await server.stop()
      process.off('exit', removeRoot)
      removeRoot()
    },
  }
}
