import { expect } from 'vitest'
import { RemoteError } from '../../../main/core/remote/remote-error.ts'
import type { Remote, Source, WriteMode } from '../../../main/core/remote/remote.ts'
import {
  at,
  bytesOf,
  expectCode,
  listing,
  never,
  pattern,
  put,
  rejection,
  sha256,
  sourceOf,
  textOf,
} from '../suite.ts'
import type { RemoteCase } from '../suite.ts'

/** Generous: a server on a busy machine. A remote that ignores the signal hangs far longer. */
const cancelWithinMs = 5_000

/** Yields `before`, then fails with `error`. */
function failing(before: Uint8Array, size: number, error: Error): Source {
  return {
    size,
    modTime: null,
    async *open() {
      yield await Promise.resolve(before)
      throw error
    },
  }
}

/** Yields `before`, tells `reached`, then waits until the signal aborts. */
function hanging(before: Uint8Array, size: number, reached: () => void): Source {
  return {
    size,
    modTime: null,
    async *open(signal) {
      yield before
      reached()
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve(), { once: true })
      })
      signal.throwIfAborted()
    },
  }
}

async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still running after ${limitMs} ms`)), limitMs)
  })
  try {
    await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}

async function expectUntouched(remote: Remote, mode: WriteMode): Promise<void> {
  if (mode === 'create') {
    const left = await listing(remote, 'dir').catch(() => [])
    expect(left).toEqual([])
  } else {
    expect(await listing(remote, 'dir')).toEqual(['file dir/a.bin'])
    expect(await textOf(remote, 'dir/a.bin')).toBe('old content')
  }
}

const modes = ['create', 'replace'] as const

const brokenSource = (mode: WriteMode): readonly RemoteCase[] => {
  const prepare = async (remote: Remote): Promise<void> => {
    if (mode === 'replace') await put(remote, 'dir/a.bin', 'old content')
  }
  return [
    {
      name: `keeps the old state and no temp file when the source fails half way (${mode})`,
      group: 'F',
      async run({ remote, second }) {
        await prepare(remote)
        const source = failing(pattern(200_000), 400_000, new Error('the disk of the source is gone'))
        await rejection(remote.write(at('dir/a.bin'), source, mode, never))
        await expectUntouched(await second(), mode)
      },
    },
    {
      name: `rejects a shorter or longer source with "source-changed" (${mode})`,
      group: 'F',
      async run({ remote, second }) {
        await prepare(remote)
        for (const size of [99_999, 100_001, 0, 1]) {
          const source = sourceOf(pattern(100_000), { size })
          await expectCode(remote.write(at('dir/a.bin'), source, mode, never), 'source-changed')
        }
        await expectCode(
          remote.write(at('dir/a.bin'), sourceOf(new Uint8Array(0), { size: 1 }), mode, never),
          'source-changed',
        )
        await expectUntouched(await second(), mode)
      },
    },
    {
      name: `stops soon when the signal aborts during a write and keeps the old state (${mode})`,
      group: 'F',
      async run({ remote, second }) {
        await prepare(remote)
        const controller = new AbortController()
        const source = hanging(pattern(200_000), 400_000, () => controller.abort())
        const write = remote.write(at('dir/a.bin'), source, mode, controller.signal)
        await within(cancelWithinMs, expectCode(write, 'cancelled'))
        await expectUntouched(await second(), mode)
      },
    },
  ]
}

export const safetyCases: readonly RemoteCase[] = [
  ...modes.flatMap(brokenSource),
  {
    name: 'passes on the RemoteError of a source as it is',
    group: 'F',
    async run({ remote }) {
      const failure = new RemoteError('permission-denied', 'read: the other side refuses')
      const write = remote.write(at('a.bin'), failing(pattern(100), 200, failure), 'create', never)
      expect(await rejection(write)).toBe(failure)
    },
  },
  {
    name: 'stops soon when the signal aborts during a reading',
    group: 'F',
    async run({ remote }) {
      await put(remote, 'a.bin', pattern(4_000_000))
      const controller = new AbortController()
      const read = async (): Promise<void> => {
        for await (const chunk of remote.read(at('a.bin'), 0, controller.signal)) {
          expect(chunk.length).toBeGreaterThan(0)
          controller.abort()
        }
      }
      await within(cancelWithinMs, expectCode(read(), 'cancelled'))
      expect((await bytesOf(remote, 'a.bin')).length).toBe(4_000_000)
    },
  },
  {
    name: 'shows no part of a file while it is being written',
    group: 'F',
    async run({ remote, second }) {
      const other = await second()
      await put(remote, 'a.bin', 'old content')
      const seen: string[] = []
      const source: Source = {
        size: 300_000,
        modTime: null,
        async *open() {
          for (let part = 0; part < 3; part += 1) {
            yield pattern(100_000, part)
            seen.push(await textOf(other, 'a.bin'))
          }
        },
      }
      await remote.write(at('a.bin'), source, 'replace', never)
      expect(seen).toEqual(['old content', 'old content', 'old content'])
    },
  },
  {
    name: 'never overwrites what appears while a new file is being written',
    group: 'F',
    async run({ remote, second }) {
      const other = await second()
      const source: Source = {
        size: 100_000,
        modTime: null,
        async *open() {
          yield pattern(60_000)
          await put(other, 'a.bin', 'theirs')
          yield pattern(40_000)
        },
      }
      await expectCode(remote.write(at('a.bin'), source, 'create', never), 'exists')
      expect(await textOf(remote, 'a.bin')).toBe('theirs')
      expect(await listing(remote)).toEqual(['file a.bin'])
    },
  },
  {
    name: 'writes 8 files at once, each whole',
    group: 'F',
    async run({ remote, second }) {
      const files = Array.from(
        { length: 8 },
        (_, index) => [`dir/${index}`, pattern(150_000, index)] as const,
      )
      await Promise.all(files.map(([path, content]) => put(remote, path, content)))
      const other = await second()
      for (const [path, content] of files) expect(sha256(await bytesOf(other, path))).toBe(sha256(content))
    },
  },
  {
    name: 'leaves one of two whole when two writes race for one path',
    group: 'F',
    async run({ remote, second }) {
      const other = await second()
      const contents = [pattern(200_000, 1), pattern(150_000, 2)] as const
      await Promise.allSettled([
        put(remote, 'a.bin', contents[0], { mode: 'replace' }),
        put(other, 'a.bin', contents[1], { mode: 'replace' }),
      ])
      expect(contents.map(sha256)).toContain(sha256(await bytesOf(remote, 'a.bin')))
      expect(await listing(remote)).toEqual(['file a.bin'])
    },
  },
  {
    name: 'lets exactly one of several creators win',
    group: 'F',
    async run({ remote, second }) {
      const other = await second()
      const results = await Promise.allSettled(
        Array.from({ length: 6 }, (_, index) =>
          put(index % 2 === 0 ? remote : other, 'new/a.bin', pattern(50_000, index)),
        ),
      )
      const won = results.flatMap((result, index) => (result.status === 'fulfilled' ? [index] : []))
      expect(won).toHaveLength(1)
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'exists' })
      }
      expect(sha256(await bytesOf(remote, 'new/a.bin'))).toBe(sha256(pattern(50_000, won[0])))
      expect(await listing(remote, 'new')).toEqual(['file new/a.bin'])
    },
  },
]
