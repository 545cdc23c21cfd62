import ssh2 from 'ssh2'
import type { Attributes, SFTPWrapper } from 'ssh2'
import { startSsh2Server, type Ssh2Server } from './ssh2-server.ts'

const { STATUS_CODE } = ssh2.utils.sftp

/** What the server does wrong. */
export type Hostility =
  /** Lists names that reach outside their folder. */
  | 'traversal-names'
  /** Lists for ever, new names each time. */
  | 'endless-listing'
  /** Lists for ever, with nothing in it. */
  | 'empty-replies'
  /** Lists one name of 100 KiB. */
  | 'huge-name'
  /** Announces 1 TiB for files of five bytes. */
  | 'size-too-big'
  /** Calls files links when asked without following, and opens them all the same. */
  | 'links'
  /** Never answers a read. */
  | 'hang'
  /** Takes writes and then claims that the file is empty. */
  | 'forgets-writes'
  /** Sends bytes that are no packet. */
  | 'garbage'

/** Names that `traversal-names` lists besides `good.txt`. */
export const evilNames = ['../evil1.txt', '/tmp/evil2.txt', 'a/../../evil3.txt', 'nul\0x', ''] as const

const content = Buffer.from('evil!')

const file = (size: number): Attributes => ({ mode: 0o100644, uid: 0, gid: 0, size, atime: 1e9, mtime: 1e9 })
const folder: Attributes = { mode: 0o40755, uid: 0, gid: 0, size: 0, atime: 1e9, mtime: 1e9 }
const link: Attributes = { mode: 0o120777, uid: 0, gid: 0, size: 7, atime: 1e9, mtime: 1e9 }

function sizeShown(how: Hostility): number {
  if (how === 'size-too-big') return 2 ** 40
  return how === 'forgets-writes' ? 0 : content.length
}

const named = (filename: string, attrs: Attributes) => ({ filename, longname: filename, attrs })

function serveListing(sftp: SFTPWrapper, how: Hostility): void {
  let replies = 0
  sftp.on('OPENDIR', (id) => {
    replies = 0
    sftp.handle(id, Buffer.from('d'))
  })
  sftp.on('READDIR', (id) => {
    replies++
    if (how === 'endless-listing') {
      const names = Array.from({ length: 500 }, (_, index) => named(`${replies}-${index}`, file(1)))
      sftp.name(id, names)
    } else if (how === 'empty-replies') sftp.name(id, [])
    else if (replies > 1) sftp.status(id, STATUS_CODE.EOF)
    else if (how === 'traversal-names') {
      sftp.name(
        id,
        ['good.txt', ...evilNames].map((name) => named(name, file(content.length))),
      )
    } else if (how === 'huge-name') sftp.name(id, [named('n'.repeat(100 * 1024), file(1))])
    else sftp.name(id, [named('good.txt', how === 'links' ? link : file(sizeShown(how)))])
  })
}

function serveHostile(sftp: SFTPWrapper, how: Hostility): void {
  const isRoot = (path: string): boolean => path === '/' || path === '.'
  serveListing(sftp, how)
  sftp.on('REALPATH', (id) => sftp.name(id, [named('/', folder)]))
  sftp.on('STAT', (id, path) => sftp.attrs(id, isRoot(path) ? folder : file(sizeShown(how))))
  sftp.on('LSTAT', (id, path) => {
    if (isRoot(path)) sftp.attrs(id, folder)
    else sftp.attrs(id, how === 'links' ? link : file(sizeShown(how)))
  })
  sftp.on('FSTAT', (id) => sftp.attrs(id, file(sizeShown(how))))
  sftp.on('FSETSTAT', (id) => sftp.status(id, STATUS_CODE.OK))
  sftp.on('OPEN', (id) => sftp.handle(id, Buffer.from('f')))
  sftp.on('WRITE', (id) => sftp.status(id, STATUS_CODE.OK))
  sftp.on('CLOSE', (id) => sftp.status(id, STATUS_CODE.OK))
  sftp.on('REMOVE', (id) => sftp.status(id, STATUS_CODE.OK))
  sftp.on('RENAME', (id) => sftp.status(id, STATUS_CODE.OK))
  sftp.on('READ', (id, _handle, offset) => {
    if (how === 'hang') return
    // A number that no request has.
    if (how === 'garbage') sftp.data(id + 1_000, content)
    else if (offset >= content.length) sftp.status(id, STATUS_CODE.EOF)
    else sftp.data(id, content.subarray(offset))
  })
}

/** A server that lies in one way. Nothing exists on it: all is made up. */
export function startHostileSftp(how: Hostility): Promise<Ssh2Server> {
  return startSsh2Server({ serve: (sftp) => serveHostile(sftp, how) })
}
