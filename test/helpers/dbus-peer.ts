import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { stop } from './stop-process.ts'

/** A bus on which nothing starts by itself, so that "no service" stays that. */
const busConfig = (folder: string): string => `<!DOCTYPE busconfig PUBLIC
  "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>`

/** Starts a bus whose socket lies in `folder`, without any service. */
export async function startBus(folder: string): Promise<{ address: string; stop: () => Promise<void> }> {
  await writeFile(join(folder, 'bus.conf'), busConfig(folder))
  const bus = spawn('dbus-daemon', [`--config-file=${folder}/bus.conf`, '--nofork', '--print-address'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [address] = (await once(bus.stdout, 'data')) as [Buffer]
  return { address: address.toString().trim(), stop: () => stop(bus) }
}

/** One value of a message: its D-Bus type and what it holds. Only the few types that the tests need. */
export type DbusValue =
  | { readonly type: 's' | 'o'; readonly value: string }
  | { readonly type: 'b'; readonly value: boolean }
  | { readonly type: 'u'; readonly value: number }
  | { readonly type: 'a{sv}'; readonly value: Readonly<Record<string, boolean>> }
  | { readonly type: 'as'; readonly value: readonly [] }

export type DbusPeer = {
  /** Members of the methods it was asked so far, oldest first, but for what gdbus asks about types. */
  readonly asked: string[]
  /** Sends a signal to whoever listens. */
  emit(path: string, from: string, member: string, ...body: readonly DbusValue[]): void
  /** Closes its connection: its names have no owner any more. */
  leave(): Promise<void>
}

const METHOD_CALL = 1
const METHOD_RETURN = 2
const ERROR = 3
const SIGNAL = 4

/**
 * A service on a real bus: owns names, answers methods by their member and sends signals. As small as that: a line of SASL,
 * little-endian messages (D-Bus specification, "Message Protocol"), no introspection.
 */
export async function joinBus(
  address: string,
  names: readonly string[],
  answers: Readonly<Record<string, () => readonly DbusValue[] | null>> = {},
): Promise<DbusPeer> {
  const socket = connect(/unix:path=([^,]+)/.exec(address)?.[1] ?? '')
  // It ends with its bus, at the latest with the test's own.
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  const uid = Buffer.from(String(process.getuid?.() ?? 0)).toString('hex')
  socket.write(`\0AUTH EXTERNAL ${uid}\r\n`)
  await once(socket, 'data')
  socket.write('BEGIN\r\n')
  let serial = 0
  const asked: string[] = []
  const replies = new Map<number, () => void>()
  const send = (kind: number, fields: Fields, body: readonly DbusValue[]): number => {
    serial += 1
    socket.write(message(kind, serial, fields, body))
    return serial
  }
  readMessages(socket, (received) => {
    if (received.kind === METHOD_RETURN) replies.get(received.replyTo)?.()
    if (received.kind !== METHOD_CALL) return
    if (received.member !== 'Introspect') asked.push(received.member)
    const body = answers[received.member]?.() ?? null
    const fields = {
      5: { type: 'u', value: received.serial },
      6: { type: 's', value: received.sender },
    } as const
    if (body !== null) send(METHOD_RETURN, fields, body)
    else send(ERROR, { ...fields, 4: { type: 's', value: 'org.freedesktop.DBus.Error.NotSupported' } }, [])
  })
  const callBus = (member: string, ...body: readonly DbusValue[]): Promise<void> =>
    new Promise((resolve) => {
      const bus = 'org.freedesktop.DBus'
      const id = send(
        METHOD_CALL,
        {
          1: { type: 'o', value: '/org/freedesktop/DBus' },
          2: { type: 's', value: bus },
          3: { type: 's', value: member },
          6: { type: 's', value: bus },
        },
        body,
      )
      replies.set(id, resolve)
    })
  await callBus('Hello')
  for (const value of names) await callBus('RequestName', { type: 's', value }, { type: 'u', value: 0 })
  return {
    asked,
    emit(path, from, member, ...body) {
      const fields = {
        1: { type: 'o', value: path },
        2: { type: 's', value: from },
        3: { type: 's', value: member },
      } as const
      send(SIGNAL, fields, body)
    },
    async leave() {
      const closed = once(socket, 'close')
      socket.destroy()
      await closed
    },
  }
}

type Fields = Readonly<Record<number, DbusValue>>

function message(kind: number, serial: number, fields: Fields, values: readonly DbusValue[]): Buffer {
  const body = createWriter()
  for (const value of values) write(body, value)
  const signature = values.map(({ type }) => type).join('')
  const head = createWriter()
  for (const byte of [0x6c, kind, 0, 1]) head.byte(byte)
  head.uint(body.bytes().length)
  head.uint(serial)
  head.array(8, () => {
    for (const [code, value] of Object.entries(fields)) {
      head.align(8)
      head.byte(Number(code))
      head.signature(value.type)
      write(head, value)
    }
    if (signature === '') return
    head.align(8)
    head.byte(8)
    head.signature('g')
    head.signature(signature)
  })
  head.align(8)
  return Buffer.concat([head.bytes(), body.bytes()])
}

function write(writer: Writer, item: DbusValue): void {
  if (item.type === 's' || item.type === 'o') writer.text(item.value)
  else if (item.type === 'u') writer.uint(item.value)
  else if (item.type === 'b') writer.uint(item.value ? 1 : 0)
  else if (item.type === 'as') writer.array(4, () => {})
  else {
    writer.array(8, () => {
      for (const [name, value] of Object.entries(item.value)) {
        writer.align(8)
        writer.text(name)
        writer.signature('b')
        writer.uint(value ? 1 : 0)
      }
    })
  }
}

type Writer = ReturnType<typeof createWriter>

function createWriter() {
  const bytes: number[] = []
  const align = (to: number): void => {
    while (bytes.length % to !== 0) bytes.push(0)
  }
  const little = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255)
  const uint = (value: number): void => {
    align(4)
    bytes.push(...little(value))
  }
  return {
    bytes: () => Buffer.from(bytes),
    align,
    uint,
    byte: (value: number): void => void bytes.push(value),
    text(value: string): void {
      const encoded = Buffer.from(value)
      uint(encoded.length)
      bytes.push(...encoded, 0)
    },
    signature(value: string): void {
      bytes.push(value.length, ...Buffer.from(value), 0)
    },
    /** Length first, then padding that does not count, then the items. */
    array(alignment: number, items: () => void): void {
      uint(0)
      const at = bytes.length - 4
      align(alignment)
      const start = bytes.length
      items()
      bytes.splice(at, 4, ...little(bytes.length - start))
    },
  }
}

type Received = {
  readonly kind: number
  readonly serial: number
  readonly replyTo: number
  readonly member: string
  readonly sender: string
}

/** Reads the headers of what arrives; bodies do not matter here. */
function readMessages(socket: Socket, onMessage: (received: Received) => void): void {
  let rest = Buffer.alloc(0)
  socket.on('data', (piece: Buffer) => {
    rest = Buffer.concat([rest, piece])
    for (;;) {
      if (rest.length < 16) return
      const fieldsEnd = 16 + rest.readUInt32LE(12)
      const total = Math.ceil(fieldsEnd / 8) * 8 + rest.readUInt32LE(4)
      if (rest.length < total) return
      onMessage(readHeader(rest, fieldsEnd))
      rest = rest.subarray(total)
    }
  })
}

function readHeader(bytes: Buffer, fieldsEnd: number): Received {
  const fields = new Map<number, string | number>()
  for (let at = 16; at < fieldsEnd;) {
    at = Math.ceil(at / 8) * 8
    const code = bytes.readUInt8(at)
    // Code, then a signature of one letter with its length and its zero.
    const type = String.fromCharCode(bytes.readUInt8(at + 2))
    at += 4
    if (type === 'u') {
      fields.set(code, bytes.readUInt32LE(at))
      at += 4
    } else {
      const wide = type === 'g' ? 1 : 4
      const length = wide === 1 ? bytes.readUInt8(at) : bytes.readUInt32LE(at)
      fields.set(code, bytes.toString('utf8', at + wide, at + wide + length))
      at += wide + length + 1
    }
  }
  return {
    kind: bytes.readUInt8(1),
    serial: bytes.readUInt32LE(8),
    replyTo: Number(fields.get(5) ?? 0),
    member: String(fields.get(3) ?? ''),
    sender: String(fields.get(7) ?? ''),
  }
}
