import { describe, expect, it } from 'vitest'
import { createMemoryPlace } from '../../../../main/connectors/memory/memory-place.ts'
import { parseRemotePath } from '../../../../main/core/remote/remote-path.ts'
import type { Remote } from '../../../../main/core/remote/remote.ts'
import { RemoteError } from '../../../../main/core/remote/remote-error.ts'
import { createSafety, safetyName, safetyTime } from '../../../../main/core/sync/safety.ts'
import { dump, put } from './world.ts'

const never = new AbortController().signal
const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
const folder = '.fernsync/job/safety/20260102T030405678Z'

function safetyOn(target: Remote, elsewhere: Remote | null = null) {
  return createSafety({ target, elsewhere, jobFolder: parseRemotePath('.fernsync/job'), startedAt: at })
}

describe('safetyName', () => {
  it('is a time that can be read back, and no other name is one', () => {
    expect(safetyName(at)).toBe('20260102T030405678Z')
    expect(safetyTime('20260102T030405678Z')).toBe(at)
    for (const name of ['20260102', '20261302T030405678Z', 'x20260102T030405678Z', '20260102T030405678Z~']) {
      expect(safetyTime(name)).toBeNull()
    }
  })
})

describe('createSafety', () => {
  it('keeps content while the file stays, and takes the file away', async () => {
    const place = createMemoryPlace()
    put(place, { 'd/a': 'A', b: 'B' })
    const safety = safetyOn(place.connect())
    expect(await safety.keep(parseRemotePath('d/a'), never)).toBe(`${folder}/d/a`)
    expect(await safety.take(parseRemotePath('b'), never)).toBe(`${folder}/b`)
    expect(dump(place, { all: true })).toEqual({ 'd/a': 'A', [`${folder}/d/a`]: 'A', [`${folder}/b`]: 'B' })
  })

  it('never overwrites what is kept already', async () => {
    const place = createMemoryPlace()
    const safety = safetyOn(place.connect())
    for (const text of ['one', 'two', 'three']) {
      put(place, { a: text })
      await safety.take(parseRemotePath('a'), never)
    }
    expect(Object.values(dump(place, { all: true }))).toEqual(['one', 'two', 'three'])
  })

  it.each(['unsupported', 'permission-denied', 'server-error'] as const)(
    'copies when the server answers %s to a hard link',
    async (code) => {
      const place = createMemoryPlace()
      put(place, { a: 'A' })
      const target = { ...place.connect(), link: () => Promise.reject(new RemoteError(code, 'link')) }
      await safetyOn(target).keep(parseRemotePath('a'), never)
      expect(dump(place, { all: true })).toEqual({ a: 'A', [`${folder}/a`]: 'A' })
    },
  )

  it('asks a server without hard links once, not for every file', async () => {
    let asked = 0
    const place = createMemoryPlace()
    put(place, { a: 'A', b: 'B', c: 'C' })
    const link = (): Promise<void> => {
      asked += 1
      return Promise.reject(new RemoteError('unsupported', 'link'))
    }
    const safety = safetyOn({ ...place.connect(), link })
    for (const path of ['a', 'b', 'c']) await safety.keep(parseRemotePath(path), never)
    expect(asked).toBe(1)
  })

  it('removes nothing when it could not be kept', async () => {
    const place = createMemoryPlace()
    const elsewhere = createMemoryPlace({ capacity: 0 })
    put(place, { a: 'A' })
    const taken = safetyOn(place.connect(), elsewhere.connect()).take(parseRemotePath('a'), never)
    await expect(taken).rejects.toMatchObject({ code: 'quota-exceeded' })
    expect(dump(place)).toEqual({ a: 'A' })
  })
})
