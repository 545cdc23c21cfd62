import { expect, it } from 'vitest'
import type { FileStore } from '../../../main/core/ports/file-store.ts'
import { AppError } from '../../../main/model/app-error.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const MAX = 1000

async function contentOf(store: FileStore, path: string): Promise<string | null> {
  const bytes = await store.read(path, MAX)
  return bytes === null ? null : new TextDecoder().decode(bytes)
}

/** What every file store does; the one on disk and the one in memory are held to the same facts. */
export function fileStoreContract(create: () => Promise<FileStore>): void {
  it('answers null for a file that does not exist', async () => {
    const store = await create()
    expect(await store.read('a.json', MAX)).toBeNull()
    expect(await store.exists('a.json')).toBe(false)
    expect(await store.read('no/such/folder/a.json', MAX)).toBeNull()
  })

  it('reads what was written last, also an empty file', async () => {
    const store = await create()
    await store.writeDurably('a.json', text('one'))
    await store.writeDurably('a.json', text(''))
    expect(await contentOf(store, 'a.json')).toBe('')
    await store.writeDurably('a.json', text('two'))
    expect(await contentOf(store, 'a.json')).toBe('two')
    expect(await store.exists('a.json')).toBe(true)
  })

  it('tells whether a file holds what is given in parts, whatever their lengths', async () => {
    const store = await create()
    // More than is compared at once, and no two stretches of it alike.
    const large = new Uint8Array(2_500_000).map((_, index) => (index * 31 + (index >> 8)) & 0xff)
    await store.writeDurably('a.bin', large)
    const cut = (...places: number[]): Uint8Array[] =>
      [...places, large.length].map((end, index) => large.subarray(places[index - 1] ?? 0, end))
    const changedAt = (at: number): Uint8Array => {
      const bytes = large.slice()
      bytes[at] = (bytes[at] ?? 0) ^ 1
      return bytes
    }
    for (const same of [cut(), cut(1, 1, 1_048_576), cut(0, 1_048_577, 2_097_152, 2_499_999)])
      expect(await store.holds('a.bin', same)).toBe(true)
    const others: Uint8Array[][] = [
      [],
      [...cut(7), text('x')],
      [large.subarray(0, -1)],
      [large.subarray(1)],
      ...[0, 1_048_575, 1_048_576, 2_499_999].map((at) => [changedAt(at)]),
    ]
    for (const parts of others) expect(await store.holds('a.bin', parts)).toBe(false)
    await store.writeDurably('empty', text(''))
    expect(await store.holds('empty', [text('')])).toBe(true)
    expect(await store.holds('empty', [text('x')])).toBe(false)
    expect(await store.holds('absent', [text('')])).toBe(false)
  })

  it('has another stamp after each write, and the same one as long as nothing is written', async () => {
    const store = await create()
    expect(await store.stamp('a.json')).toBeNull()
    const ids: (string | undefined)[] = []
    for (const content of ['one', 'one', 'two']) {
      await store.writeDurably('a.json', text(content), { generations: 1 })
      const id = (await store.stamp('a.json'))?.id
      expect((await store.stamp('a.json'))?.id).toBe(id)
      ids.push(id)
    }
    expect(new Set(ids).size).toBe(3)
    expect(ids.every((id) => id !== undefined && id.length <= 200)).toBe(true)
  })

  it('keeps as many generations as asked for, newest first', async () => {
    const store = await create()
    for (const version of ['1', '2', '3', '4', '5'])
      await store.writeDurably('v', text(version), { generations: 3 })
    const kept = await Promise.all(['v', 'v.1', 'v.2', 'v.3', 'v.4'].map((path) => contentOf(store, path)))
    expect(kept).toEqual(['5', '4', '3', '2', null])
  })

  it('writes in the order of the calls, without waiting in between', async () => {
    const store = await create()
    await Promise.all(
      ['1', '2', '3'].map((version) => store.writeDurably('v', text(version), { generations: 2 })),
    )
    expect(await contentOf(store, 'v')).toBe('3')
    expect(await contentOf(store, 'v.2')).toBe('1')
  })

  it('refuses to read more than the caller can use', async () => {
    const store = await create()
    await store.writeDurably('a.json', text('12345'))
    await expect(store.read('a.json', 4)).rejects.toMatchObject({ code: 'limit-reached' })
    expect(await store.read('a.json', 5)).toHaveLength(5)
  })

  it('removes a file, and an absent one without complaint', async () => {
    const store = await create()
    await store.writeDurably('a.json', text('x'))
    await store.remove('a.json')
    await store.remove('a.json')
    expect(await store.exists('a.json')).toBe(false)
  })

  it('lists a folder, and nothing for an absent one', async () => {
    const store = await create()
    await store.makeFolder('device/jobs')
    await store.makeFolder('device/jobs')
    await store.writeDurably('device/b', text('x'))
    await store.writeDurably('device/a', text('x'))
    expect([...(await store.list('device'))].sort()).toEqual(['a', 'b', 'jobs'])
    expect(await store.list('nowhere')).toEqual([])
  })

  it('does not make folders by itself', async () => {
    const store = await create()
    await expect(store.writeDurably('nowhere/a', text('x'))).rejects.toThrow(AppError)
  })

  it.each(['../a', '/etc/passwd', 'a/../../b', './a', 'a//b', 'a\\b', 'a\0'])(
    'refuses the path %j',
    async (path) => {
      const store = await create()
      await expect(store.read(path, MAX)).rejects.toMatchObject({ code: 'internal' })
      await expect(store.writeDurably(path, text('x'))).rejects.toMatchObject({ code: 'internal' })
      await expect(store.remove(path)).rejects.toMatchObject({ code: 'internal' })
    },
  )

  it('goes on after a failed write', async () => {
    const store = await create()
    await expect(store.writeDurably('nowhere/a', text('x'))).rejects.toThrow()
    await store.writeDurably('a', text('x'))
    expect(await contentOf(store, 'a')).toBe('x')
  })
}
