import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { boot } from './boot.ts'
import { appEvents, whenReady } from './lifecycle.ts'
import { preventable } from './strict.ts'

interface Handover {
  argv: string[]
  cwd: string
  data: unknown
}

/**
 * Runs in a process of its own, since requestSingleInstanceLock() has to answer at once: gives stdin to the first instance
 * and waits until it took it. Exit 0 taken, 1 nobody there.
 */
const DELIVER = `
const socket = require('node:net').connect({ path: '\\0' + process.argv[1] })
socket.on('error', () => process.exit(1)).on('data', () => process.exit(0)).on('close', () => process.exit(1))
process.stdin.pipe(socket)
`

let server: net.Server | undefined

/**
 * The socket of a userData folder, in Linux's abstract namespace: it needs no file (nothing is written into the app's folder),
 * has no stale state (it ends with its process), and no limit on the folder's path.
 */
export function socketName(userData: string): string {
  let real = path.resolve(userData)
  try {
    real = realpathSync(real)
  } catch {
    // not made yet: its name is all there is
  }
  return `electron-standin-${process.getuid?.() ?? 0}-${createHash('sha256').update(real).digest('hex').slice(0, 32)}`
}

function accept(socket: net.Socket): void {
  const chunks: Buffer[] = []
  socket.on('error', () => undefined) // the second instance went away
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('end', () => {
    const { argv, cwd, data } = JSON.parse(Buffer.concat(chunks).toString()) as Handover // reason: written by request() below
    socket.end('taken')
    void whenReady().then(() =>
      setImmediate(() => appEvents.emit('second-instance', preventable({}), argv, cwd, data)),
    )
  })
}

/** True for the first process of a userData folder; otherwise its command line has been given to that first one. */
export function requestSingleInstanceLock(userData: string, data: unknown): boolean {
  if (server) return true
  const name = socketName(userData)
  const candidate = net.createServer({ allowHalfOpen: true }, accept)
  candidate.on('error', () => undefined) // in use: told by `listening` below
  candidate.listen({ path: `\0${name}` })
  if (candidate.listening) {
    server = candidate.unref()
    return true
  }
  const handover: Handover = { argv: [process.argv0, ...boot.args], cwd: process.cwd(), data: data ?? null }
  const input = JSON.stringify(handover)
  const { status } = spawnSync(process.execPath, ['-e', DELIVER, name], { input, timeout: 20_000, env: {} })
  if (status !== 0) console.error('[standin] the first instance did not answer')
  return false
}

export const hasSingleInstanceLock = (): boolean => server !== undefined

export function releaseSingleInstanceLock(): void {
  server?.close()
  server = undefined
}
