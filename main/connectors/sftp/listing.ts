import { childPath, isSafeName, type RemotePath } from '../../core/remote/remote-path.ts'
import { RemoteError } from '../../core/remote/remote-error.ts'
import type { ListedEntry } from '../../core/remote/remote.ts'
import { abortable, checkAborted } from './abort.ts'
import { forget, lookUp, serverPath, toEntry, type Context } from './context.ts'
import { isStatus } from './errors.ts'
import { operations, type Handle } from './operations.ts'
import { statusCode, type Session } from './session.ts'
import { fileKind, type NamedAttributes } from './wire.ts'

/** Replies asked for ahead: each brings about 100 names, and one at a time a big folder would wait for the line only. */
const readAhead = 8

/** Longer names exist on no file system; what is shown of them is cut. */
const longestName = 1024

/**
 * The text of a name, or null when it cannot be a path of ours: it is not UTF-8, too long, or breaks a rule of `isSafeName`
 * (then it would reach outside its folder).
 */
export function decodeName(bytes: Buffer): string | null {
  if (bytes.length > longestName) return null
  const text = bytes.toString('utf8')
  if (!isSafeName(text)) return null
  // Undecodable bytes become U+FFFD; a name may also really hold that character.
  return text.includes('\uFFFD') && !Buffer.from(text).equals(bytes) ? null : text
}

function isDot(bytes: Buffer): boolean {
  return (bytes.length === 1 || bytes.length === 2) && bytes.every((byte) => byte === 0x2e)
}

async function openFolder(context: Context, session: Session, dir: RemotePath): Promise<Handle> {
  const path = serverPath(context, dir)
  // Opening would follow a link out of the root; the root itself is the server's business.
  const looking = dir === '' ? null : lookUp(session, path)
  const opening = operations.openDir(session, path)
  forget(opening)
  const attributes = (await looking) ?? null
  const kind = attributes === null ? null : fileKind(attributes)
  if (kind !== null && kind !== 'dir') {
    forget(opening.then((handle) => operations.close(session, handle)))
    throw new RemoteError('wrong-kind', 'only folders can be listed')
  }
  try {
    return await opening
  } catch (error) {
    if (isStatus(error, statusCode.noSuchFile) || isStatus(error, statusCode.failure)) {
      const there = dir === '' ? await operations.stat(session, path).catch(() => null) : attributes
      if (there === null) throw new RemoteError('not-found', 'the folder is not there', { cause: error })
      if (fileKind(there) !== 'dir')
        throw new RemoteError('wrong-kind', 'only folders can be listed', { cause: error })
    }
    throw error
  }
}

/** Yields the raw replies of one open folder until the server has told its end. */
async function* readFolder(
  session: Session,
  handle: Handle,
): AsyncGenerator<readonly NamedAttributes[], void, void> {
  const asked = [operations.readDir(session, handle), operations.readDir(session, handle)]
  let ahead = 2
  let ended = false
  try {
    for (let next = asked.shift(); next !== undefined; next = asked.shift()) {
      const names = await next
      if (names === null) ended = true
      else {
        yield names
        ahead = readAhead
      }
      while (!ended && asked.length < ahead) asked.push(operations.readDir(session, handle))
    }
  } finally {
    asked.forEach(forget)
  }
}

/** One entry as `list` promises it; null for `.` and `..`. A server that leaves the attributes out is asked once more. */
async function toListed(
  context: Context,
  session: Session,
  dir: RemotePath,
  named: NamedAttributes,
): Promise<ListedEntry | null> {
  if (isDot(named.name)) return null
  const name = decodeName(named.name)
  if (name === null) {
    return { kind: 'invalid-name', dir, shown: named.name.subarray(0, longestName).toString('utf8') }
  }
  const path = childPath(dir, name)
  const entry = toEntry(path, named.attributes)
  if (entry !== null) return entry
  const attributes = await lookUp(session, serverPath(context, path))
  // Gone in between: as good as not listed.
  if (attributes === null) return null
  const asked = toEntry(path, attributes)
  if (asked === null) throw new RemoteError('server-error', 'the server does not tell what an entry is')
  return asked
}

/** Turns replies into entries: each name once, none of ours lost, and an end to endless listings. */
function createCollector(
  context: Context,
  session: Session,
  dir: RemotePath,
): (names: readonly NamedAttributes[]) => Promise<readonly ListedEntry[]> {
  const seen = new Set<string>()
  let emptyReplies = 0
  return async (names) => {
    emptyReplies = names.length === 0 ? emptyReplies + 1 : 0
    if (emptyReplies > 1_000) throw new RemoteError('server-error', 'the listing does not end')
    const entries: ListedEntry[] = []
    for (const named of names) {
      const key = named.name.toString('latin1')
      if (seen.has(key)) continue
      seen.add(key)
      if (seen.size > context.limits.entries) {
        throw new RemoteError('server-error', 'the folder has more entries than can be handled')
      }
      const quick = quickEntry(dir, named)
      const entry = quick ?? (await toListed(context, session, dir, named))
      if (entry !== null) entries.push(entry)
    }
    return entries
  }
}

/** The usual case without a promise: thousands of entries arrive at once. */
function quickEntry(dir: RemotePath, named: NamedAttributes): ListedEntry | null {
  const name = decodeName(named.name)
  return name === null ? null : toEntry(childPath(dir, name), named.attributes)
}

/** `Remote.list`. */
export async function* listFolder(
  context: Context,
  dir: RemotePath,
  signal: AbortSignal,
): AsyncGenerator<readonly ListedEntry[]> {
  const rules = { signal, clock: context.deps.clock, graceMs: context.limits.graceMs, operation: 'list' }
  const { session, handle } = await abortable(rules, async () => {
    const { session } = context.connections.main()
    return { session, handle: await openFolder(context, session, dir) }
  })
  const replies = readFolder(session, handle)
  const collect = createCollector(context, session, dir)
  try {
    for (;;) {
      checkAborted(signal)
      const entries = await abortable(rules, async () => {
        const reply = await replies.next()
        return reply.done === true ? null : collect(reply.value)
      })
      if (entries === null) return
      if (entries.length > 0) yield entries
    }
  } finally {
    forget(replies.return())
    forget(operations.close(session, handle))
  }
}
