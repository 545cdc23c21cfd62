import type { RemotePath } from '../../core/remote/remote-path.ts'
import { RemoteError } from '../../core/remote/remote-error.ts'
import { abortable, checkAborted } from './abort.ts'
import { createBufferPool } from './buffer-pool.ts'
import type { OpenSession } from './connections.ts'
import { forget, lookUp, serverPath, type Context } from './context.ts'
import { operations, type Handle } from './operations.ts'
import type { Session } from './session.ts'
import { fileKind, openFlag } from './wire.ts'

/** An open file on one connection. */
type Lane = {
  readonly session: Session
  readonly handle: Handle
  readonly maxRequest: number
  /** Bytes asked for and not yet there. */
  waiting: number
}

/** One piece of the file, on its way or waiting for its turn. */
type Piece = { readonly buffer: Buffer; readonly arrived: Promise<void> }

type OpenFile = { readonly lane: Lane; readonly size: number }

async function openFile(context: Context, path: RemotePath): Promise<OpenFile> {
  const { session, limits } = context.connections.main()
  const name = serverPath(context, path)
  const looking = lookUp(session, name)
  const opening = operations.open(session, name, openFlag.read)
  forget(opening)
  const closeLate = (): void => forget(opening.then((handle) => operations.close(session, handle)))
  const attributes = await looking
  const kind = attributes === null ? null : fileKind(attributes)
  if (attributes === null || kind !== 'file' || attributes.size === null) {
    closeLate()
    if (attributes === null) throw new RemoteError('not-found', 'the file is not there')
    throw new RemoteError('wrong-kind', 'only files can be read')
  }
  const lane = { session, handle: await opening, maxRequest: limits.read, waiting: 0 }
  return { lane, size: attributes.size }
}

/**
 * What a reader of a big file gets at a time, made of one or several requests: requests of 32 KiB suit the network, pieces of
 * 32 KiB would cost whoever writes them to a disk one system call each.
 */
const pieceLength = 256 * 1024

/** Fills `buffer` from `offset`: servers may answer with less than asked. */
async function fetchRange(lane: Lane, buffer: Buffer, offset: number): Promise<void> {
  for (let filled = 0; filled < buffer.length;) {
    const count = await lane.session.read(lane.handle, offset + filled, buffer.subarray(filled))
    if (count === 0) throw new RemoteError('source-changed', 'the file became shorter while it was read')
    filled += count
  }
}

/** Fills `buffer` by requests of at most `size` bytes, all under way at once. */
async function fetchPiece(lane: Lane, buffer: Buffer, offset: number, size: number): Promise<void> {
  const ranges: Promise<void>[] = []
  for (let at = 0; at < buffer.length; at += size) {
    ranges.push(fetchRange(lane, buffer.subarray(at, at + size), offset + at))
  }
  await Promise.all(ranges)
}

/** What one reader may have asked for: bounded per connection, per file and over all files. One piece it always may. */
function createAllowance(context: Context, lanes: readonly Lane[]) {
  /** Bytes asked for and not yet given back by the caller. */
  let held = 0
  function may(lane: Lane, length: number): boolean {
    if (held === 0) {
      context.budget.force(length)
      return true
    }
    if (lane.waiting + length > context.limits.laneBytes) return false
    // Pieces that wait for their turn behind a slow one count too.
    if (held + length > 2 * lanes.length * context.limits.laneBytes) return false
    return context.budget.tryTake(length)
  }
  return {
    take(lane: Lane, length: number): boolean {
      if (!may(lane, length)) return false
      held += length
      return true
    },
    giveBack(length: number) {
      held -= length
      context.budget.release(length)
    },
  }
}

/**
 * The pieces of one file in order, asked for ahead on one or two connections. What is asked for or waits for its turn is bounded, so
 * memory does not grow with the file; buffers are used again once the caller has asked for the next piece.
 */
function createPieces(context: Context, file: OpenFile, offset: number) {
  const isBig = file.size - offset >= context.limits.stripeBytes
  const lanes: Lane[] = [file.lane]
  const queue: Piece[] = []
  const buffers = createBufferPool(isBig)
  const allowance = createAllowance(context, lanes)
  let next = offset
  let stopped = false

  function ask(): boolean {
    const lane = lanes.reduce((best, other) => (other.waiting < best.waiting ? other : best))
    const request = Math.min(isBig ? context.readSize.size() : lane.maxRequest, lane.maxRequest)
    const length = Math.min(isBig ? pieceLength : request, file.size - next)
    if (stopped || length <= 0 || !allowance.take(lane, length)) return false
    const buffer = buffers.take(length)
    lane.waiting += length
    const arrived = fetchPiece(lane, buffer, next, request).finally(() => {
      lane.waiting -= length
      if (isBig) context.readSize.record(length)
      if (lanes.length > 1) fill()
    })
    forget(arrived)
    queue.push({ buffer, arrived })
    next += length
    return true
  }

  function fill(): void {
    while (ask());
  }

  return {
    isBig,
    lanes,
    fill,
    allAsked: () => next >= file.size,
    addLane(lane: Lane) {
      lanes.push(lane)
      fill()
    },
    /** The next piece, or null after the last. */
    async take(): Promise<Buffer | null> {
      const [piece] = queue
      if (piece === undefined) return null
      await piece.arrived
      queue.shift()
      return piece.buffer
    },
    /** Gives a piece back that its reader is done with. */
    recycle(buffer: Buffer) {
      allowance.giveBack(buffer.length)
      buffers.give(buffer)
    },
    stop() {
      stopped = true
      for (const piece of queue.splice(0)) allowance.giveBack(piece.buffer.length)
    },
  }
}

type Pieces = ReturnType<typeof createPieces>

async function openSecondLane(context: Context, path: RemotePath, size: number): Promise<Lane | null> {
  const open: OpenSession | null = await context.connections.second()
  if (open === null) return null
  const handle = await operations.open(open.session, serverPath(context, path), openFlag.read)
  const attributes = await operations.fstat(open.session, handle)
  if (attributes.size === size) {
    return { session: open.session, handle, maxRequest: open.limits.read, waiting: 0 }
  }
  forget(operations.close(open.session, handle))
  return null
}

/** The size when all was asked for: the server handles requests for one file in order (draft, section 6.1). */
async function checkSize(file: OpenFile): Promise<void> {
  const attributes = await operations.fstat(file.lane.session, file.lane.handle)
  if (attributes.size !== null && attributes.size !== file.size) {
    throw new RemoteError('source-changed', 'the file changed while it was read')
  }
}

function closeLanes(pieces: Pieces): void {
  for (const { session, handle } of pieces.lanes) forget(operations.close(session, handle))
}

/** `Remote.read`. */
export async function* readFile(
  context: Context,
  path: RemotePath,
  offset: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const rules = { signal, clock: context.deps.clock, graceMs: context.limits.graceMs, operation: 'read' }
  const file = await abortable(rules, () => openFile(context, path))
  const pieces = createPieces(context, file, offset)
  let over = false
  let checking: Promise<void> | null = null
  try {
    if (offset > file.size) throw new RemoteError('source-changed', 'the file is shorter than expected')
    pieces.fill()
    if (pieces.isBig) {
      forget(
        openSecondLane(context, path, file.size).then((lane) => {
          if (lane === null) return
          if (over) forget(operations.close(lane.session, lane.handle))
          else pieces.addLane(lane)
        }),
      )
    }
    for (;;) {
      checkAborted(signal)
      if (checking === null && pieces.allAsked()) forget((checking = checkSize(file)))
      const piece = await abortable(rules, () => pieces.take())
      if (piece === null) break
      try {
        yield piece
      } finally {
        pieces.recycle(piece)
      }
      pieces.fill()
    }
    await abortable(rules, () => checking ?? checkSize(file))
  } finally {
    over = true
    pieces.stop()
    closeLanes(pieces)
  }
}
