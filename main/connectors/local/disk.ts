import * as fs from 'node:fs'
import type { Stats } from 'node:fs'
import type { Pace } from './pace.ts'

type Soon<T> = T | Promise<T>

/**
 * The calls of node:fs that the connector makes, each at once or on a pool thread as the pace decides; always `await`
 * them. They reject with the errors of node:fs. None follows a link in the last part of a path.
 */
export type Disk = {
  breathe(): Promise<void> | undefined
  open(path: string, flags: number, mode?: number): Soon<number>
  close(fd: number): Soon<void>
  fstat(fd: number): Soon<Stats>
  /** Null when nothing is there. */
  lstat(path: string): Soon<Stats | null>
  /** Names as Latin-1, that is as bytes. */
  readdir(path: string): Soon<string[]>
  readlink(path: string): Soon<string>
  read(fd: number, buffer: Uint8Array, position: number): Soon<number>
  /** The same on a pool thread in any case: for overlapping with other work. */
  readAhead(fd: number, buffer: Uint8Array, position: number): Promise<number>
  write(fd: number, bytes: Uint8Array, position: number): Soon<number>
  fchmod(fd: number, mode: number): Soon<void>
  /** Milliseconds since 1970. */
  futimes(fd: number, atimeMs: number, mtimeMs: number): Soon<void>
  lutimes(path: string, atimeMs: number, mtimeMs: number): Soon<void>
  link(from: string, to: string): Soon<void>
  rename(from: string, to: string): Soon<void>
  unlink(path: string): Soon<void>
  mkdir(path: string): Soon<void>
  rmdir(path: string): Soon<void>
  /** Never blocks the thread: a flush takes as long as the disk does. */
  fsync(fd: number): Promise<void>
  statfs(path: string): Promise<fs.StatsFs>
}

type Done<T> = (error: NodeJS.ErrnoException | null, value: T) => void
type DoneVoid = (error: NodeJS.ErrnoException | null) => void

const value = <T>(start: (done: Done<T>) => void): Promise<T> =>
  new Promise((resolve, reject) =>
    start((error, result) => (error === null ? resolve(result) : reject(error))),
  )

const nothing = (start: (done: DoneVoid) => void): Promise<void> =>
  new Promise((resolve, reject) => start((error) => (error === null ? resolve() : reject(error))))

/**
 * Seconds for utimes. Node takes a double, whose steps are up to 240 ns at today's times: a whole millisecond could come
 * out a nanosecond early and read back as the millisecond before. Half a step more is enough to stay on the right side.
 */
export function toUtimeSeconds(timeMs: number): number {
  return timeMs % 1000 === 0 ? timeMs / 1000 : (timeMs + 0.00015) / 1000
}

/** The disk as `pace` wants it. */
export function createDisk(pace: Pace): Disk {
  const { run } = pace
  return {
    ...entryCalls(run),
    ...fileCalls(run),
    breathe: () => pace.breathe(),
    fsync: (fd) => nothing((done) => fs.fsync(fd, done)),
    statfs: (path) => value<fs.StatsFs>((done) => fs.statfs(path, done)),
  }
}

type EntryCalls =
  'lstat' | 'readdir' | 'readlink' | 'lutimes' | 'link' | 'rename' | 'unlink' | 'mkdir' | 'rmdir'

function entryCalls(run: Pace['run']): Pick<Disk, EntryCalls> {
  return {
    lstat: (path) =>
      run<Stats | null>(
        () => fs.lstatSync(path, { throwIfNoEntry: false }) ?? null,
        () =>
          value<Stats>((done) => fs.lstat(path, done)).catch((error: NodeJS.ErrnoException) => {
            if (error.code === 'ENOENT') return null
            throw error
          }),
      ),
    readdir: (path) =>
      run(
        () => fs.readdirSync(path, { encoding: 'latin1' }),
        () => value<string[]>((done) => fs.readdir(path, { encoding: 'latin1' }, done)),
      ),
    readlink: (path) =>
      run(
        () => fs.readlinkSync(path),
        () => value<string>((done) => fs.readlink(path, done)),
      ),
    lutimes(path, atimeMs, mtimeMs) {
      const times = [toUtimeSeconds(atimeMs), toUtimeSeconds(mtimeMs)] as const
      return run(
        () => fs.lutimesSync(path, ...times),
        () => nothing((done) => fs.lutimes(path, ...times, done)),
      )
    },
    link: (from, to) =>
      run(
        () => fs.linkSync(from, to),
        () => nothing((done) => fs.link(from, to, done)),
      ),
    rename: (from, to) =>
      run(
        () => fs.renameSync(from, to),
        () => nothing((done) => fs.rename(from, to, done)),
      ),
    unlink: (path) =>
      run(
        () => fs.unlinkSync(path),
        () => nothing((done) => fs.unlink(path, done)),
      ),
    mkdir: (path) =>
      run(
        () => fs.mkdirSync(path),
        () => nothing((done) => fs.mkdir(path, done)),
      ),
    rmdir: (path) =>
      run(
        () => fs.rmdirSync(path),
        () => nothing((done) => fs.rmdir(path, done)),
      ),
  }
}

type FileCalls = 'open' | 'close' | 'fstat' | 'read' | 'readAhead' | 'write' | 'fchmod' | 'futimes'

function fileCalls(run: Pace['run']): Pick<Disk, FileCalls> {
  const readAhead: Disk['readAhead'] = (fd, buffer, position) =>
    value<number>((done) => fs.read(fd, buffer, 0, buffer.length, position, done))
  return {
    readAhead,
    open: (path, flags, mode) =>
      run(
        () => fs.openSync(path, flags, mode),
        () => value<number>((done) => fs.open(path, flags, mode, done)),
      ),
    close: (fd) =>
      run(
        () => fs.closeSync(fd),
        () => nothing((done) => fs.close(fd, done)),
      ),
    fstat: (fd) =>
      run(
        () => fs.fstatSync(fd),
        () => value<Stats>((done) => fs.fstat(fd, done)),
      ),
    read: (fd, buffer, position) =>
      run(
        () => fs.readSync(fd, buffer, 0, buffer.length, position),
        () => readAhead(fd, buffer, position),
      ),
    write: (fd, bytes, position) =>
      run(
        () => fs.writeSync(fd, bytes, 0, bytes.length, position),
        () => value<number>((done) => fs.write(fd, bytes, 0, bytes.length, position, done)),
      ),
    fchmod: (fd, mode) =>
      run(
        () => fs.fchmodSync(fd, mode),
        () => nothing((done) => fs.fchmod(fd, mode, done)),
      ),
    futimes(fd, atimeMs, mtimeMs) {
      const times = [toUtimeSeconds(atimeMs), toUtimeSeconds(mtimeMs)] as const
      return run(
        () => fs.futimesSync(fd, ...times),
        () => nothing((done) => fs.futimes(fd, ...times, done)),
      )
    },
  }
}
