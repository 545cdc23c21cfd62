import type { RemoteErrorCode } from '../../model/error-codes.ts'
import { RemoteError } from '../remote/remote-error.ts'
import { childPath, parentPath, parseRemotePath, rootPath } from '../remote/remote-path.ts'
import type { RemotePath } from '../remote/remote-path.ts'
import type { Remote, Source } from '../remote/remote.ts'
import { calm, codeOf } from './session.ts'

/** A safety folder is kept this long, by the time in its name. */
export const SAFETY_MS = 30 * 24 * 60 * 60 * 1000
const MAX_NAMES = 10

/** Codes after which the same thing is tried another way. */
const tryElse: ReadonlySet<RemoteErrorCode> = new Set(['unsupported', 'permission-denied', 'server-error'])

/** Where replaced and deleted files of one run go. */
export type Safety = {
  /** Gives the content of a file a second name in safety; the file stays. Resolves to where it is kept. */
  keep(path: RemotePath, signal: AbortSignal): Promise<RemotePath>
  /** Moves a file to safety. Resolves to where it is kept. */
  take(path: RemotePath, signal: AbortSignal): Promise<RemotePath>
  /** Where `take` would put it; its folder exists when this resolves. */
  reserve(path: RemotePath, signal: AbortSignal): Promise<RemotePath>
}

export type SafetyOptions = {
  readonly target: Remote
  /** A place outside the target's root; null = below it. */
  readonly elsewhere: Remote | null
  /** `.fernsync/<job id>`. */
  readonly jobFolder: RemotePath
  readonly startedAt: number
}

/** `20260102T030405678Z`: ISO 8601 basic format, UTC, so that names sort by time. */
export function safetyName(time: number): string {
  return new Date(time).toISOString().replace(/[-:.]/g, '')
}

/** Milliseconds since 1970 of a name that `safetyName` made; null for any other name. */
export function safetyTime(name: string): number | null {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/.exec(name)?.slice(1)
  if (parts === undefined) return null
  const [year, month, day, hour, minute, second, milli] = parts
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milli}Z`)
  return Number.isNaN(time) ? null : time
}

/** The folder of safety folders: `.fernsync/<job id>/safety`, or the root of a place of its own. */
export function safetyRoot({ elsewhere, jobFolder }: SafetyOptions): RemotePath {
  return elsewhere === null ? childPath(jobFolder, 'safety') : rootPath
}

export function createSafety(options: SafetyOptions): Safety {
  const { target, elsewhere, startedAt } = options
  const home = elsewhere ?? target
  const folder = childPath(safetyRoot(options), safetyName(startedAt))
  const folders = new Map<RemotePath, Promise<void>>()
  const makeFolder = (dir: RemotePath, signal: AbortSignal): Promise<void> => {
    const made = folders.get(dir) ?? home.mkdir(dir, signal)
    folders.set(dir, made)
    made.catch(() => folders.delete(dir))
    return made
  }
  const reserve = async (path: RemotePath, signal: AbortSignal): Promise<RemotePath> => {
    const place = parseRemotePath(`${folder}/${path}`)
    await makeFolder(parentPath(place), signal)
    return place
  }
  const methods = keepMethods(options)
  let firstWorking = 0
  const keep = async (path: RemotePath, signal: AbortSignal): Promise<RemotePath> => {
    const place = await reserve(path, signal)
    for (let number = firstWorking; ; number += 1) {
      const method = methods[number]
      if (method === undefined) throw new RemoteError('unsupported', `keep ${path}: no way to keep it`)
      try {
        return await withFreeName(place, (name) => method(path, name, signal))
      } catch (error) {
        if (!(error instanceof RemoteError) || !tryElse.has(error.code)) throw error
        if (number === methods.length - 1) throw error
        // Some file systems know no hard links; asking for each file again would cost a retry ladder each time.
        if (error.code !== 'permission-denied') firstWorking = Math.max(firstWorking, number + 1)
      }
    }
  }
  const take = async (path: RemotePath, signal: AbortSignal): Promise<RemotePath> => {
    if (elsewhere === null && target.move !== undefined) {
      const place = await reserve(path, signal)
      return withFreeName(place, async (name) => target.move?.(path, name, 'create', signal))
    }
    const kept = await keep(path, signal)
    await target.remove(path, calm())
    return kept
  }
  return { keep, take, reserve }
}

type KeepMethod = (path: RemotePath, name: RemotePath, signal: AbortSignal) => Promise<void>

/** Ways to give content a second name, the cheapest first. */
function keepMethods({ target, elsewhere }: SafetyOptions): KeepMethod[] {
  const methods: KeepMethod[] = []
  if (elsewhere === null && target.link !== undefined) {
    methods.push(async (path, name, signal) => target.link?.(path, name, signal))
  }
  if (elsewhere === null && target.copy !== undefined) {
    methods.push(async (path, name, signal) => {
      if ((await target.stat(name, signal)) !== null)
        throw new RemoteError('exists', `keep ${path}: name taken`)
      await target.copy?.(path, name, signal)
    })
  }
  methods.push(async (path, name, signal) => {
    const entry = await target.stat(path, signal)
    if (entry?.kind !== 'file') throw new RemoteError('not-found', `keep ${path}: gone`)
    const source: Source = {
      size: entry.size,
      modTime: entry.modTime,
      open: (inner) => target.read(path, 0, inner),
    }
    const kept = await (elsewhere ?? target).write(name, source, 'create', signal)
    if (kept.size !== entry.size)
      throw new RemoteError('integrity', `keep ${path}: the copy has another size`)
  })
  return methods
}

async function withFreeName(
  place: RemotePath,
  attempt: (name: RemotePath) => Promise<void>,
): Promise<RemotePath> {
  for (let number = 0; ; number += 1) {
    const name = number === 0 ? place : parseRemotePath(`${place}.~${number}`)
    try {
      await attempt(name)
      return name
    } catch (error) {
      if (codeOf(error) !== 'exists' || number >= MAX_NAMES) throw error
    }
  }
}

/** Removes the safety folders older than 30 days. Resolves to their number. A name that is no time is not ours. */
export async function pruneSafety(options: SafetyOptions, now: number, signal: AbortSignal): Promise<number> {
  const home = options.elsewhere ?? options.target
  const root = safetyRoot(options)
  const old: RemotePath[] = []
  try {
    for await (const batch of home.list(root, signal)) {
      for (const entry of batch) {
        if (entry.kind !== 'dir') continue
        const time = safetyTime(entry.path.slice(entry.path.lastIndexOf('/') + 1))
        if (time !== null && now - time > SAFETY_MS) old.push(entry.path)
      }
    }
  } catch (error) {
    if (codeOf(error) === 'not-found') return 0
    throw error
  }
  for (const folder of old) await removeTree(home, folder, signal)
  return old.length
}

async function removeTree(remote: Remote, folder: RemotePath, signal: AbortSignal): Promise<void> {
  const folders: RemotePath[] = []
  for await (const batch of remote.list(folder, signal)) {
    for (const entry of batch) {
      if (entry.kind === 'dir') folders.push(entry.path)
      else if (entry.kind !== 'invalid-name') await remote.remove(entry.path, signal)
    }
  }
  for (const child of folders) await removeTree(remote, child, signal)
  await remote.rmdir(folder, signal)
}
