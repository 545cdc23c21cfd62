import { describe, expect, it } from 'vitest'
import { startSession, type Session, type Transport } from '../../../../main/connectors/sftp/session.ts'
import { operations } from '../../../../main/connectors/sftp/operations.ts'
import { encodePacket, packetType } from '../../../../main/connectors/sftp/wire.ts'
import { RemoteError } from '../../../../main/core/remote/remote-error.ts'

/** A transport in memory and a clock that moves when told. */
function createLine() {
  const sent: Buffer[] = []
  const timers = new Set<() => void>()
  let onData: (chunk: Buffer) => void = () => undefined
  let onLost: (error: RemoteError) => void = () => undefined
  let moved = 0
  const transport: Transport = {
    write: (packets) => void sent.push(...packets),
    onData: (listener) => (onData = listener),
    onLost: (listener) => (onLost = listener),
    activity: () => moved,
    destroy: () => undefined,
    end: () => Promise.resolve(),
  }
  const clock = {
    now: () => 0,
    monotonic: () => 0,
    setTimer: (_delay: number, task: () => void) => {
      timers.add(task)
      return () => void timers.delete(task)
    },
  }
  return {
    transport,
    clock,
    sent,
    receive: (chunk: Buffer) => onData(chunk),
    lose: (error: RemoteError) => onLost(error),
    move: () => moved++,
    /** Lets a quarter of the stall limit pass. */
    tick() {
      const due = [...timers]
      timers.clear()
      for (const task of due) task()
    },
    timers: () => timers.size,
  }
}

async function start(line: ReturnType<typeof createLine>): Promise<Session> {
  const starting = startSession(line.transport, { clock: line.clock, stallMs: 400 })
  line.receive(Buffer.from([0, 0, 0, 5, packetType.version, 0, 0, 0, 3]))
  return starting
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'nothing',
    (error: unknown) => (error instanceof RemoteError ? error.code : error),
  )

describe('startSession', () => {
  it('rejects a version that is too old', async () => {
    const line = createLine()
    const starting = startSession(line.transport, { clock: line.clock, stallMs: 400 })
    line.receive(Buffer.from([0, 0, 0, 5, packetType.version, 0, 0, 0, 2]))
    expect(await codeOf(starting)).toBe('unsupported')
  })

  it('joins requests of one turn into one packet of the line, in order', async () => {
    const line = createLine()
    const session = await start(line)
    const before = line.sent.length
    const first = codeOf(operations.remove(session, '/a'))
    const second = codeOf(operations.remove(session, '/b'))
    await turn()
    expect(line.sent.slice(before)).toHaveLength(1)
    const joined = Buffer.concat([
      encodePacket(packetType.remove, 1, ['/a']),
      encodePacket(packetType.remove, 2, ['/b']),
    ])
    expect(line.sent.at(-1)?.equals(joined)).toBe(true)
    line.lose(new RemoteError('unreachable', 'gone'))
    await Promise.all([first, second])
  })

  it('gives each reply to its request, in any order', async () => {
    const line = createLine()
    const session = await start(line)
    const results = [codeOf(operations.remove(session, '/a')), codeOf(operations.remove(session, '/b'))]
    line.receive(encodePacket(packetType.status, 2, [0, '', '']))
    line.receive(encodePacket(packetType.status, 1, [3, '', '']))
    expect(await results[1]).toBe('nothing')
    expect(await results[0]).toMatchObject({ status: 3 })
  })

  it('rejects everything under way and everything later once the line is lost', async () => {
    const line = createLine()
    const session = await start(line)
    const underWay = codeOf(operations.remove(session, '/a'))
    line.lose(new RemoteError('unreachable', 'gone'))
    expect(await underWay).toBe('unreachable')
    expect(await codeOf(operations.remove(session, '/b'))).toBe('unreachable')
    expect(session.lost()?.code).toBe('unreachable')
    expect(line.timers()).toBe(0)
  })

  it('ends itself at a reply that nobody asked for', async () => {
    const line = createLine()
    const session = await start(line)
    line.receive(encodePacket(packetType.status, 77, [0, '', '']))
    expect(session.lost()?.code).toBe('server-error')
  })

  it('counts as stalled only when no byte has moved for the whole limit', async () => {
    const line = createLine()
    const session = await start(line)
    const work = codeOf(operations.remove(session, '/a'))
    for (let count = 0; count < 20; count++) {
      line.move()
      line.tick()
    }
    expect(session.lost()).toBeNull()
    for (let count = 0; count < 4; count++) line.tick()
    expect(await work).toBe('timeout')
  })

  it('sets no timer while nothing is under way', async () => {
    const line = createLine()
    const session = await start(line)
    line.tick()
    expect([line.timers(), session.lost()]).toEqual([0, null])
  })
})
