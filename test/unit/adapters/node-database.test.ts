import { mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeDatabases, sqliteErrorCode } from '../../../main/adapters/node-database.ts'
import { tempFolder } from '../../helpers/temp-home.ts'

async function fresh() {
  const path = join(await tempFolder(), 'x.sqlite')
  const database = nodeDatabases.open(path)
  database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, data BLOB) STRICT')
  return { path, database }
}

describe('nodeDatabases', () => {
  it('returns what was stored, with numbers, text, bytes and null', async () => {
    const { database } = await fresh()
    const data = Uint8Array.of(0, 255)
    expect(
      database.run('INSERT INTO t VALUES (?, ?, ?), (?, ?, ?)', 1, 'a', data, 2 ** 53 - 1, null, null),
    ).toEqual({
      changes: 2,
    })
    expect(database.get('SELECT * FROM t WHERE id = ?', 1)).toEqual({ id: 1, name: 'a', data })
    expect(database.get('SELECT * FROM t WHERE id = ?', 3)).toBeNull()
    expect(database.all('SELECT id, name FROM t ORDER BY id')).toEqual([
      { id: 1, name: 'a' },
      { id: 2 ** 53 - 1, name: null },
    ])
    database.close()
  })

  it('keeps all of a transaction or nothing', async () => {
    const { path, database } = await fresh()
    const add = (id: number) => () => database.run('INSERT INTO t (id) VALUES (?)', id)
    expect(database.transaction(() => add(1)().changes)).toBe(1)
    const failing = (): void => {
      database.transaction(() => {
        add(2)()
        throw new Error('half way')
      })
    }
    expect(failing).toThrow('half way')
    database.close()
    const again = nodeDatabases.open(path)
    expect(again.all('SELECT id FROM t')).toEqual([{ id: 1 }])
    again.close()
  })

  it('uses a write-ahead log, full fsync, and files for the owner only', async () => {
    const { path, database } = await fresh()
    expect(database.get('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' })
    expect(database.get('PRAGMA synchronous')).toEqual({ synchronous: 2 })
    expect(database.get('PRAGMA busy_timeout')).toEqual({ timeout: 5000 })
    for (const suffix of ['', '-wal', '-shm']) expect((await stat(path + suffix)).mode & 0o777).toBe(0o600)
    database.close()
  })

  it('refuses what is no database, a folder, and a link', async () => {
    const folder = await tempFolder()
    await writeFile(join(folder, 'text'), 'x'.repeat(5000))
    await mkdir(join(folder, 'folder'))
    await symlink(join(folder, 'elsewhere'), join(folder, 'link'))
    for (const name of ['text', 'folder', 'link', 'no/such/folder'])
      expect(() => nodeDatabases.open(join(folder, name)), name).toThrow(
        expect.objectContaining({ code: 'home-unusable' }) as Error,
      )
  })

  it('passes a mistake in SQL on as it is', async () => {
    const { database } = await fresh()
    expect(() => database.exec('SELEKT 1')).toThrow(/syntax error/)
    database.close()
  })

  it('says no-space when the disk is full', async () => {
    const { database } = await fresh()
    database.exec('PRAGMA max_page_count=3')
    const fill = (): void => {
      database.run('INSERT INTO t (data) VALUES (?)', new Uint8Array(100_000))
    }
    expect(() => database.transaction(fill)).toThrow(expect.objectContaining({ code: 'no-space' }) as Error)
    expect(database.all('SELECT id FROM t')).toEqual([])
    database.close()
  })
})

describe('sqliteErrorCode', () => {
  it.each([
    [5, 'busy'],
    [261, 'busy'],
    [3850, 'home-unusable'],
    [26, 'home-unusable'],
    [13, 'no-space'],
    [1, null],
  ])('of result %i is %s', (errcode, code) => {
    expect(sqliteErrorCode(Object.assign(new Error('x'), { errcode }))).toBe(code)
  })

  it('of any other error is null', () => {
    expect(sqliteErrorCode(new Error('x'))).toBeNull()
    expect(sqliteErrorCode('x')).toBeNull()
  })
})
