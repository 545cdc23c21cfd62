import { baseName, parentPath, type RemotePath } from '../../core/remote/remote-path.ts'
import { RemoteError } from '../../core/remote/remote-error.ts'
import type { FileEntry, Source, WriteMode } from '../../core/remote/remote.ts'
import { checkAborted } from './abort.ts'
import { createBufferPool } from './buffer-pool.ts'
import { forget, serverParent, serverPath, toEntry, type Context } from './context.ts'
import { explainStoreFailure } from './diagnose.ts'
import { withParents } from './folders.ts'
import { operations, type Handle } from './operations.ts'
import { choosePlacement, place, slashed } from './placing.ts'
import type { Session } from './session.ts'
import { encodeWrite, openFlag, writeHeaderRoom } from './wire.ts'

/** The temp file, open on one connection. */
type Lane = {
  readonly session: Session
  readonly handle: Handle
  readonly maxRequest: number
  /** Bytes sent and not yet confirmed. */
  waiting: number
}

type Upload = {
  readonly context: Context
  readonly source: Source
  readonly signal: AbortSignal
  readonly temp: string
}

/** Times that fit the field: 32 bits of seconds. */
function toSeconds(modTime: number | null): number | null {
  if (modTime === null) return null
  const seconds = Math.floor(modTime / 1000)
  return seconds >= 0 && seconds <= 0xffff_ffff ? seconds : null
}

/** The writes under way of one file: how many, whether one failed, and a wait for the next confirmation. */
function createProgress() {
  let underWay = 0
  let failure: Error | null = null
  let confirmed = Promise.withResolvers<void>()
  return {
    underWay: () => underWay,
    checkFailure: () => {
      if (failure !== null) throw failure
    },
    /** Counts `write` until it settles; `after` runs then. */
    add(write: Promise<void>, after: () => void) {
      underWay++
      const settle = (): void => {
        underWay--
        after()
        confirmed.resolve()
        confirmed = Promise.withResolvers()
      }
      write.then(settle, (error: unknown) => {
        failure ??= error instanceof Error ? error : new Error('a write failed', { cause: error })
        settle()
      })
    },
    next: () => confirmed.promise,
    /** Resolves when everything is confirmed, or failed. */
    settled: async () => {
      while (underWay > 0) await confirmed.promise
    },
  }
}

/**
 * Sends content in requests of one size over one or two connections, with many under way. Bounded: it waits for confirmations
 * before it takes more from the source, and packets are used again once the server has confirmed them.
 */
function createSender(upload: Upload, first: Lane) {
  const { context, source } = upload
  const isBig = source.size >= context.limits.stripeBytes
  const lanes: Lane[] = [first]
  const buffers = createBufferPool(isBig)
  const progress = createProgress()

  // As big as the server takes: each request costs it and us a fixed price, and uploads do not wait for small replies.
  const contentSize = Math.min(source.size, first.maxRequest)

  function mayHave(lane: Lane, bytes: number): boolean {
    if (progress.underWay() === 0) {
      context.budget.force(bytes)
      return true
    }
    return lane.waiting + bytes <= context.limits.laneBytes && context.budget.tryTake(bytes)
  }

  function start(lane: Lane, packet: Buffer, at: { length: number; offset: number }): void {
    lane.waiting += at.length
    const { handle } = lane
    const write = lane.session.send((id) => encodeWrite(packet, at.length, { id, handle, offset: at.offset }))
    progress.add(write, () => {
      lane.waiting -= at.length
      context.budget.release(at.length)
      buffers.give(packet)
    })
  }

  return {
    isBig,
    lanes,
    settled: progress.settled,
    checkFailure: progress.checkFailure,
    newPacket: () => buffers.take(writeHeaderRoom + contentSize),
    /** Sends the first `length` content bytes of `packet`; resolves when they are on their way. */
    async send(packet: Buffer, length: number, offset: number) {
      for (;;) {
        progress.checkFailure()
        checkAborted(upload.signal)
        const lane = lanes.reduce((best, other) => (other.waiting < best.waiting ? other : best))
        if (mayHave(lane, length)) {
          start(lane, packet, { length, offset })
          return
        }
        await progress.next()
      }
    },
  }
}

type Sender = ReturnType<typeof createSender>

/** Cuts the source into requests; throws `source-changed` when it has not exactly the size that was said. */
async function sendContent(upload: Upload, sender: Sender): Promise<void> {
  const { source } = upload
  let packet: Buffer | null = null
  let filled = 0
  let offset = 0
  for await (const chunk of source.open(upload.signal)) {
    checkAborted(upload.signal)
    if (offset + filled + chunk.length > source.size) {
      throw new RemoteError('source-changed', 'the source has more bytes than announced')
    }
    for (let at = 0; at < chunk.length;) {
      packet ??= sender.newPacket()
      const count = Math.min(packet.length - writeHeaderRoom - filled, chunk.length - at)
      packet.set(chunk.subarray(at, at + count), writeHeaderRoom + filled)
      filled += count
      at += count
      if (filled < packet.length - writeHeaderRoom) continue
      await sender.send(packet, filled, offset)
      offset += filled
      filled = 0
      packet = null
    }
  }
  if (offset + filled < source.size) {
    throw new RemoteError('source-changed', 'the source has fewer bytes than announced')
  }
  if (packet !== null && filled > 0) await sender.send(packet, filled, offset)
}

async function openSecondLane(upload: Upload): Promise<Lane | null> {
  const open = await upload.context.connections.second()
  if (open === null) return null
  const handle = await operations.open(open.session, upload.temp, openFlag.write)
  return { session: open.session, handle, maxRequest: open.limits.write, waiting: 0 }
}

/** Sets the time, asks for the size and closes, in one go. Only once all content is confirmed may the name be given. */
async function finishTemp(upload: Upload, sender: Sender, lane: Lane): Promise<void> {
  // With one connection the server keeps the order; with two the time must not be set before the last write.
  if (sender.lanes.length > 1) await sender.settled()
  const { session, handle } = lane
  const seconds = toSeconds(upload.source.modTime)
  if (seconds !== null) forget(operations.setHandleTime(session, handle, seconds))
  const [attributes] = await Promise.all([
    operations.fstat(session, handle),
    operations.close(session, handle),
    sender.settled(),
  ])
  sender.checkFailure()
  if (attributes.size !== null && attributes.size !== upload.source.size) {
    throw new RemoteError('integrity', 'the server holds another number of bytes than were sent')
  }
}

async function fillTemp(upload: Upload, lane: Lane): Promise<void> {
  const sender = createSender(upload, lane)
  let over = false
  if (sender.isBig) {
    forget(
      openSecondLane(upload).then((second) => {
        if (second === null) return
        if (over) forget(operations.close(second.session, second.handle))
        else sender.lanes.push(second)
      }),
    )
  }
  try {
    await sendContent(upload, sender)
    over = true
    await finishTemp(upload, sender, lane)
  } catch (error) {
    over = true
    forget(operations.close(lane.session, lane.handle))
    throw error
  } finally {
    for (const other of sender.lanes.slice(1)) forget(operations.close(other.session, other.handle))
  }
}

/** Places the temp file and asks what is there now, in the same go where placing is one request. */
async function placeTemp(
  upload: Upload,
  session: Session,
  path: RemotePath,
  mode: WriteMode,
): Promise<FileEntry> {
  const { context, source, temp } = upload
  const to = serverPath(context, path)
  const placement = await choosePlacement(context, session, serverParent(to), mode)
  checkAborted(upload.signal)
  const placing = place(context, session, { from: temp, to }, placement)
  const isOneRequest = placement === 'rename' || placement === 'posix-rename'
  if (!isOneRequest) await placing
  const [attributes] = await Promise.all([operations.lstat(session, to), placing])
  const entry = toEntry(path, attributes)
  if (entry?.kind === 'file' && entry.size === source.size) return entry
  throw new RemoteError('integrity', 'what the server shows is not what was written')
}

/** `Remote.write`. */
export async function writeFile(
  context: Context,
  path: RemotePath,
  target: { readonly source: Source; readonly mode: WriteMode },
  signal: AbortSignal,
): Promise<FileEntry> {
  if (baseName(path) === '') throw new RemoteError('wrong-kind', 'the root is a folder')
  const { source, mode } = target
  const { session, limits } = context.connections.main()
  const folder = serverPath(context, parentPath(path))
  const temp = `${slashed(folder)}${context.deps.tempName()}`
  const upload: Upload = { context, source, signal, temp }
  const handle = await openTemp(upload, session, path)
  const lane: Lane = { session, handle, maxRequest: limits.write, waiting: 0 }
  try {
    await fillTemp(upload, lane)
    return await placeTemp(upload, session, path, mode)
  } catch (error) {
    const request = { path: serverPath(context, path), bytes: source.size, operation: 'write' }
    const explained = await explainStoreFailure(session, error, request)
    await operations.remove(session, temp).catch(() => undefined)
    throw explained
  }
}

async function openTemp(upload: Upload, session: Session, path: RemotePath): Promise<Handle> {
  const flags = openFlag.write | openFlag.create | openFlag.exclusive
  try {
    const work = (): Promise<Handle> => operations.open(session, upload.temp, flags)
    return await withParents(upload.context, session, path, work)
  } catch (error) {
    const request = { path: upload.temp, bytes: upload.source.size, operation: 'write' }
    throw await explainStoreFailure(session, error, request)
  }
}
