import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createNodeWorkerHost } from '../../../main/adapters/node-worker-host.ts'
import { createProcessImporter } from '../../../main/adapters/process-importer.ts'
import { systemClock } from '../../../main/adapters/system-clock.ts'
import { fromUtf8, utf8 } from '../../../main/core/crypto/bytes.ts'
import type { ReadRequest } from '../../../main/core/ports/importer.ts'
import type { ChildProcess, WorkerHost } from '../../../main/core/ports/worker-host.ts'
import { AppError } from '../../../main/model/app-error.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'
import { databaseXml, kdbxPassword, writeKdbx } from '../../helpers/kdbx-writer.ts'

const entry = join(import.meta.dirname, '../../../main/import-process/main.ts')
const entries = { worker: '', 'vault-process': '', 'keychain-helper': '', 'import-process': entry }
const started: ChildProcess[] = []
const inner = createNodeWorkerHost({ entries, environment: process.env })
const workerHost: WorkerHost = {
  start(kind) {
    const child = inner.start(kind)
    started.push(child)
    return child
  },
}

const sample = (name: string): Uint8Array =>
  Uint8Array.from(readFileSync(join(import.meta.dirname, '../../fixtures/import', name)))
const request = (changes: Partial<ReadRequest>): ReadRequest => ({
  format: 'csv',
  bytes: new Uint8Array(),
  password: null,
  keyFile: null,
  localUser: null,
  allowSlowKdf: false,
  ...changes,
})
const read = (changes: Partial<ReadRequest>, signal?: AbortSignal) =>
  createProcessImporter({ workerHost, clock: systemClock }).read(request(changes), signal)
const refusal = async (reading: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await reading.then(
    () => null,
    (reason: unknown) => reason,
  )
  return error instanceof AppError ? [error.code, error.details['why'] ?? null] : error
}
const isGone = (child: ChildProcess | undefined): Promise<void> =>
  new Promise((resolve) => child?.onExit(() => resolve()))

describe('createProcessImporter', () => {
  it('reads a database in a process that is gone afterwards', async () => {
    const password = utf8('kdbx p&ss <w>örd')
    const items = await read({ format: 'kdbx', bytes: sample('argon2d-chacha20.kdbx'), password })
    expect(items.map(({ name }) => name)).toEqual(['Mail', 'Files', 'Keyed', 'Web', 'Old'])
    expect(fromUtf8(items[3]?.secrets['password'] ?? new Uint8Array())).toBe('p<w>& "ü" 🔑')
    await isGone(started.at(-1))
  })

  it('passes on why a file is refused', async () => {
    expect(await refusal(read({ format: 'kdbx', bytes: utf8('no database'), password: utf8('x') }))).toEqual([
      'import-unreadable',
      'it is not a KDBX file',
    ])
    const password = utf8('wrong')
    expect(await refusal(read({ format: 'kdbx', bytes: sample('keepassxc.kdbx'), password }))).toEqual([
      'wrong-password',
      'nothing in the imported file opens with the password given for it',
    ])
  })

  it('brings ten thousand entries over while this process goes on', async () => {
    const some = Array.from({ length: 10_000 }, (_, at) => ({
      title: `t${at}`,
      url: `sftp://h${at}`,
      password: `p${at}`,
    }))
    const bytes = writeKdbx({ xml: databaseXml(some) })
    const items = await read({ format: 'kdbx', bytes, password: utf8(kdbxPassword) })
    expect(items).toHaveLength(10_000)
    expect(fromUtf8(items[9_999]?.secrets['password'] ?? new Uint8Array())).toBe('p9999')
  })

  it('ends the process when it is cancelled', async () => {
    const stop = new AbortController()
    const reading = refusal(read({ bytes: utf8('host\nh\n') }, stop.signal))
    stop.abort()
    expect(await reading).toEqual(['cancelled', null])
    await isGone(started.at(-1))
  })

  it('ends the process after a minute', async () => {
    const clock = createFakeClock()
    const silent: WorkerHost = {
      start: () => ({ pid: 1, post: () => {}, onMessage: () => {}, onExit: () => {}, kill: () => {} }),
    }
    const reading = refusal(createProcessImporter({ workerHost: silent, clock }).read(request({})))
    await clock.advance(60_000)
    expect(await reading).toEqual(['import-unreadable', 'it takes too long to read'])
  })

  it('says that memory was not enough when the process dies', async () => {
    const reading = refusal(read({ bytes: utf8('host\nh\n') }))
    started.at(-1)?.kill()
    expect(await reading).toEqual(['import-unreadable', 'it takes more memory to read than is given'])
  })
})
