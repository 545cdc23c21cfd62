import { chmod, mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createJsonLogger, safeFields } from '../../../main/adapters/json-logger.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'
import { tempFolder } from '../../helpers/temp-home.ts'

const Line = z.record(z.string(), z.unknown())

async function linesOf(path: string): Promise<z.infer<typeof Line>[]> {
  const text = await readFile(path, 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => Line.parse(JSON.parse(line)))
}

describe('createJsonLogger', () => {
  it('writes one line per event with time, level and process, for the owner only', async () => {
    const folder = join(await tempFolder(), 'logs')
    const log = createJsonLogger({ folder, name: 'app', clock: createFakeClock(0) })
    log.info('run.started', { job: 'j1', attempt: 2, manual: true, plan: null })
    log.warn('run.slow')
    log.error('run.failed', { code: 'internal' })
    const common = { time: '1970-01-01T00:00:00.000Z', pid: process.pid }
    expect(await linesOf(join(folder, 'app.jsonl'))).toEqual([
      { ...common, level: 'info', event: 'run.started', job: 'j1', attempt: 2, manual: true, plan: null },
      { ...common, level: 'warn', event: 'run.slow' },
      { ...common, level: 'error', event: 'run.failed', code: 'internal' },
    ])
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect((await stat(join(folder, 'app.jsonl'))).mode & 0o777).toBe(0o600)
  })

  it('keeps a text with line breaks on one line', async () => {
    const folder = await tempFolder()
    createJsonLogger({ folder, name: 'app', clock: createFakeClock() }).info('a', {
      path: 'x\n{"level":"error"}',
    })
    expect(await linesOf(join(folder, 'app.jsonl'))).toMatchObject([{ path: 'x\n{"level":"error"}' }])
  })

  it('does not let a field replace what the logger says itself', async () => {
    const folder = await tempFolder()
    createJsonLogger({ folder, name: 'app', clock: createFakeClock() }).info('real', {
      event: 'false',
      level: 'x',
    })
    expect(await linesOf(join(folder, 'app.jsonl'))).toMatchObject([{ event: 'real', level: 'info' }])
  })

  it('rotates by size and keeps four older files', async () => {
    const folder = await tempFolder()
    const log = createJsonLogger({ folder, name: 'app', clock: createFakeClock(), maxBytes: 400 })
    for (let number = 0; number < 100; number++) log.info('tick', { number })
    const names = (await readdir(folder)).sort()
    expect(names.filter((name) => name !== 'app.jsonl')).toEqual([1, 2, 3, 4].map((n) => `app.${n}.jsonl`))
    for (const name of names) expect((await stat(join(folder, name))).size).toBeLessThan(600)
    const newest = await linesOf(join(folder, names.includes('app.jsonl') ? 'app.jsonl' : 'app.1.jsonl'))
    expect(newest.at(-1)).toMatchObject({ number: 99 })
  })

  it('never throws, even when nothing can be written', async () => {
    const folder = await tempFolder()
    await mkdir(join(folder, 'app.jsonl'))
    const log = createJsonLogger({ folder, name: 'app', clock: createFakeClock() })
    expect(() => log.error('x')).not.toThrow()
    await chmod(folder, 0o700)
  })
})

describe('safeFields', () => {
  it('hides every value that is not text, number, boolean or null', () => {
    const hidden = safeFields({
      bytes: new Uint8Array([1]),
      error: new Error('host example.org'),
      list: ['a'],
      nan: Number.NaN,
      big: 1n,
      nothing: undefined,
      call: () => 'x',
    })
    expect(new Set(Object.values(hidden))).toEqual(new Set(['[hidden]']))
  })

  it.each([
    'password',
    'newPassword',
    'passphrase',
    'accessToken',
    'secret',
    'host',
    'user',
    'key',
    'Authorization',
    'message',
    'root',
  ])('hides the field %s', (name) => {
    expect(safeFields({ [name]: 'canary' })).toEqual({ [name]: '[hidden]' })
  })

  it('lets ids, codes, counts and relative paths through', () => {
    const fields = {
      job: 'b1',
      code: 'timeout',
      copied: 3,
      path: 'a/b.txt',
      credential: 'c1',
      keychain: 'ok',
    }
    expect(safeFields(fields)).toEqual(fields)
  })

  it('cuts long text', () => {
    expect(safeFields({ path: 'x'.repeat(1000) })['path']).toBe('x'.repeat(300))
  })
})
