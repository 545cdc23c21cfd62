import type { Clock } from '../../core/ports/clock.ts'
import { RemoteError } from '../../core/remote/remote-error.ts'
import { createFrameReader } from './frames.ts'
import { createOutbox } from './outbox.ts'
import {
  createFieldReader,
  encodePacket,
  packetType,
  ProtocolError,
  readAttributes,
  readNames,
  type Attributes,
  type Field,
  type NamedAttributes,
} from './wire.ts'

/** The byte stream to the server's sftp subsystem, and how to end it. */
export type Transport = {
  /** Sends packets in order, in as few system calls as it can. */
  write(packets: readonly Buffer[]): void
  onData(listener: (chunk: Buffer) => void): void
  /** Called once with the reason when the connection is gone. */
  onLost(listener: (error: RemoteError) => void): void
  /** Grows whenever a byte came from the network or left to it; tells a slow line from a dead one. */
  activity(): number
  destroy(): void
  /** Says goodbye and resolves when the socket is closed; forced after two seconds. */
  end(): Promise<void>
}

/** A server's refusal of one request. `text` is the server's and is used to classify only, never shown. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly status: number
  readonly text: string

  constructor(status: number, text: string) {
    super(`sftp status ${status}`)
    this.status = status
    this.text = text
  }
}

export const statusCode = { ok: 0, endOfFile: 1, noSuchFile: 2, permissionDenied: 3, failure: 4 } as const

type Reply =
  | { readonly kind: 'status'; readonly code: number; readonly text: string }
  | { readonly kind: 'handle'; readonly handle: Buffer }
  | { readonly kind: 'data'; readonly length: number }
  | { readonly kind: 'names'; readonly names: readonly NamedAttributes[] }
  | { readonly kind: 'attributes'; readonly attributes: Attributes }
  | { readonly kind: 'extended'; readonly body: Buffer }

export type ReplyOf<K extends Reply['kind']> = Extract<Reply, { kind: K }>

export type Session = {
  /** Names of extensions with the version the server announced. */
  readonly extensions: ReadonlyMap<string, string>
  /** Why the session is over, null while it is alive. */
  readonly lost: () => RemoteError | null
  /** Sends one request; any status but OK rejects with `StatusError`, a lost connection with `RemoteError`. */
  call<K extends Reply['kind']>(expected: K, type: number, fields: readonly Field[]): Promise<ReplyOf<K>>
  /** Reads into `into`, which must stay untouched until this settles; resolves to the bytes read, 0 at the end of the file. */
  read(handle: Uint8Array, offset: number, into: Uint8Array): Promise<number>
  /** Sends a packet made by `encode` for a fresh request number; its bytes must stay unchanged until this settles. */
  send(encode: (id: number) => Buffer): Promise<void>
  transport: Transport
}

type Pending = {
  readonly into: Uint8Array | null
  resolve(reply: Reply): void
  reject(error: Error): void
}

function parseReply(packet: Buffer): { id: number; reply: Reply } {
  const type = packet.readUInt8(0)
  const reader = createFieldReader(packet.subarray(1))
  const id = reader.u32()
  switch (type) {
    case packetType.status: {
      const code = reader.u32()
      // Some servers leave text and language out.
      return { id, reply: { kind: 'status', code, text: reader.atEnd() ? '' : reader.bytes().toString() } }
    }
    case packetType.handle:
      return { id, reply: { kind: 'handle', handle: Buffer.from(reader.bytes()) } }
    case packetType.name:
      return { id, reply: { kind: 'names', names: readNames(reader) } }
    case packetType.attrs:
      return { id, reply: { kind: 'attributes', attributes: readAttributes(reader) } }
    case packetType.extendedReply:
      return { id, reply: { kind: 'extended', body: Buffer.from(packet.subarray(5)) } }
    default:
      throw new ProtocolError('a reply of unknown type')
  }
}

function parseVersion(packet: Buffer): ReadonlyMap<string, string> {
  if (packet.readUInt8(0) !== packetType.version) throw new ProtocolError('no version reply')
  const reader = createFieldReader(packet.subarray(1))
  const version = reader.u32()
  if (version < 3) throw new RemoteError('unsupported', `sftp version ${version} is too old`)
  const extensions = new Map<string, string>()
  while (!reader.atEnd()) extensions.set(reader.bytes().toString(), reader.bytes().toString())
  return extensions
}

export type SessionOptions = {
  readonly clock: Clock
  /** A session with requests under way and no byte in either direction for this long is over (`timeout`). */
  readonly stallMs: number
}

/** The requests that wait for their reply. */
function createPendingTable() {
  const pending = new Map<number, Pending>()
  let lastId = 0
  return {
    count: () => pending.size,
    destinationOf: (id: number) => pending.get(id)?.into ?? null,
    /** A number that no waiting request has. */
    add(request: Pending): number {
      do lastId = (lastId + 1) >>> 0
      while (pending.has(lastId))
      pending.set(lastId, request)
      return lastId
    },
    settle(id: number, reply: Reply) {
      const request = pending.get(id)
      if (request === undefined) throw new ProtocolError('a reply that nobody asked for')
      pending.delete(id)
      request.resolve(reply)
    },
    rejectAll(error: Error) {
      const waiting = [...pending.values()]
      pending.clear()
      for (const request of waiting) request.reject(error)
    },
  }
}

const hello = Buffer.from([0, 0, 0, 5, packetType.init, 0, 0, 0, 3])

/** The first reply, which names the version and the extensions. */
function createGreeting() {
  const { promise, resolve, reject } = Promise.withResolvers<ReadonlyMap<string, string>>()
  let over = false
  return {
    promise,
    reject,
    isOver: () => over,
    take(packet: Buffer) {
      resolve(parseVersion(packet))
      over = true
    },
  }
}

/** Takes the bytes of the server and settles what they answer; throws for what makes no sense. */
function createReplyFeed(
  greeting: ReturnType<typeof createGreeting>,
  pending: ReturnType<typeof createPendingTable>,
): (chunk: Buffer) => void {
  return createFrameReader({
    onPacket(packet) {
      if (!greeting.isOver()) {
        greeting.take(packet)
        return
      }
      const { id, reply } = parseReply(packet)
      pending.settle(id, reply)
    },
    destinationOf: pending.destinationOf,
    onData: (id, length) => pending.settle(id, { kind: 'data', length }),
  })
}

/**
 * Requests and replies over one transport, any number at a time. Resolves once the server has told its version; rejects with
 * RemoteError. The session ends itself when the server stalls or breaks the protocol, and everything under way rejects then.
 */
export function startSession(transport: Transport, options: SessionOptions): Promise<Session> {
  const pending = createPendingTable()
  const greeting = createGreeting()
  let lost: RemoteError | null = null

  const outbox = createOutbox((packets) => {
    if (lost === null) transport.write(packets)
  })
  const watch = watchStall(transport, options, {
    isBusy: () => pending.count() > 0 || !greeting.isOver(),
    onStall: () => fail(new RemoteError('timeout', 'the server stopped answering')),
  })

  function fail(error: RemoteError): void {
    if (lost !== null) return
    lost = error
    watch.stop()
    outbox.clear()
    greeting.reject(error)
    pending.rejectAll(error)
    transport.destroy()
  }

  const feed = createReplyFeed(greeting, pending)

  transport.onLost(fail)
  transport.onData((chunk) => {
    if (lost !== null) return
    try {
      feed(chunk)
    } catch (error) {
      fail(toLoss(error))
    }
  })

  function request(into: Uint8Array | null, encode: (id: number) => Buffer): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (lost !== null) {
        reject(lost)
        return
      }
      outbox.add(encode(pending.add({ into, resolve, reject })))
      watch.start()
    })
  }

  transport.write([hello])
  watch.start()
  return greeting.promise.then((extensions) =>
    sessionOver({ request, transport, extensions, lost: () => lost }),
  )
}

function toLoss(error: unknown): RemoteError {
  if (error instanceof RemoteError) return error
  return new RemoteError('server-error', 'the server broke the protocol', { cause: error })
}

function sessionOver(core: {
  request(into: Uint8Array | null, encode: (id: number) => Buffer): Promise<Reply>
  readonly transport: Transport
  readonly extensions: ReadonlyMap<string, string>
  readonly lost: () => RemoteError | null
}): Session {
  async function call<K extends Reply['kind']>(
    expected: K,
    type: number,
    fields: readonly Field[],
  ): Promise<ReplyOf<K>> {
    const reply = await core.request(null, (id) => encodePacket(type, id, fields))
    if (reply.kind === 'status' && (reply.code !== statusCode.ok || expected !== 'status')) {
      throw new StatusError(reply.code, reply.text)
    }
    if (!isReply(reply, expected)) throw new ProtocolError('a reply of the wrong type')
    return reply
  }
  return {
    extensions: core.extensions,
    lost: core.lost,
    transport: core.transport,
    call,
    async read(handle, offset, into) {
      const reply = await core.request(into, (id) =>
        encodePacket(packetType.read, id, [handle, BigInt(offset), into.length]),
      )
      if (reply.kind === 'data') return reply.length
      if (reply.kind === 'status' && reply.code === statusCode.endOfFile) return 0
      if (reply.kind === 'status') throw new StatusError(reply.code, reply.text)
      throw new ProtocolError('a reply of the wrong type')
    },
    async send(encode) {
      const reply = await core.request(null, encode)
      if (reply.kind !== 'status') throw new ProtocolError('a reply of the wrong type')
      if (reply.code !== statusCode.ok) throw new StatusError(reply.code, reply.text)
    },
  }
}

function isReply<K extends Reply['kind']>(reply: Reply, kind: K): reply is ReplyOf<K> {
  return reply.kind === kind
}

type StallWatch = { start(): void; stop(): void }

/** Calls `onStall` when no byte moved for `stallMs` while busy. Sleeps while nothing is under way. */
function watchStall(
  transport: Transport,
  options: SessionOptions,
  state: { isBusy(): boolean; onStall(): void },
): StallWatch {
  let cancel: (() => void) | null = null
  let seen = 0
  let quietChecks = 0
  const checks = 4

  function check(): void {
    cancel = null
    if (!state.isBusy()) return
    const activity = transport.activity()
    quietChecks = activity === seen ? quietChecks + 1 : 0
    seen = activity
    if (quietChecks >= checks) state.onStall()
    else arm()
  }

  function arm(): void {
    cancel = options.clock.setTimer(options.stallMs / checks, check)
  }

  return {
    start() {
      if (cancel !== null) return
      quietChecks = 0
      arm()
    },
    stop() {
      cancel?.()
      cancel = null
    },
  }
}
