import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../../main/core/crypto/bytes.ts'
import type { VaultApi } from '../../../../main/core/vault/vault-api.ts'
import type { AuditPage } from '../../../../main/model/audit.ts'
import { codeOf, createUnlocked, credential, dyingAt, job, PASSWORD, unlock } from './kit.ts'
import type { Kit } from './kit.ts'

const LOG = 'device/audit.jsonl'
const HEAD = 'device/audit-head.json'

function page(
  vault: VaultApi,
  changes: { before?: number; limit?: number; credential?: string } = {},
): Promise<AuditPage> {
  return vault.auditEntries({ before: null, limit: 500, credential: null, ...changes })
}

/** Events, oldest first. */
async function events(vault: VaultApi): Promise<string[]> {
  const { entries } = await page(vault)
  return entries.map(({ event }) => event).reverse()
}

function lines(kit: Kit): string[] {
  return kit.read(LOG).split('\n').slice(0, -1)
}

function setLines(kit: Kit, next: readonly string[]): void {
  kit.write(LOG, next.map((line) => `${line}\n`).join(''))
}

/** An unlocked vault with a credential revealed `times` times. */
async function revealed(times: number): Promise<Kit & { vault: VaultApi; id: string }> {
  const kit = await createUnlocked()
  const { id } = await kit.vault.addCredential(credential('nas'), { password: utf8('s3cret') })
  for (let n = 0; n < times; n += 1) await kit.vault.revealSecret(id, 'password')
  return { ...kit, id }
}

describe('the audit log', () => {
  it('says what was done with which credential, in names, and whether it was seen or copied', async () => {
    const kit = await createUnlocked()
    const { vault } = kit
    const { id } = await vault.addCredential(credential('nas'), { password: utf8('s3cret') })
    await vault.revealSecret(id, 'password')
    await vault.revealSecret(id, 'password', 'clipboard')
    await vault.editCredential(id, { name: 'attic' }, {})
    const photos = await vault.addJob(job('photos', id))
    const options = () => ({ agentKey: new Uint8Array(32), notAfter: kit.clock.now() + 1000 })
    await vault.grantJob(photos.id, options())
    await vault.grantCredential(id, options())
    await vault.addCredentials([{ draft: credential('web'), secrets: {} }])
    await vault.changeSettings({ lockOnSuspend: false })
    await vault.changePassword({ password: utf8(PASSWORD) }, utf8('another long password'))
    await vault.noteAudit({ event: 'exported', count: 2, detail: 'csv' })
    await vault.removeJob(photos.id)
    await vault.removeCredential(id)
    const { entries, problems, torn, total, unwritten } = await page(vault)
    expect(
      entries
        .map(({ event, credential: one, field, job: by, count, detail }) => [
          event,
          one?.name ?? null,
          field,
          by?.name ?? null,
          count,
          detail,
        ])
        .reverse(),
    ).toEqual([
      ['created', null, null, null, null, null],
      ['added', 'nas', null, null, null, null],
      ['revealed', 'nas', 'password', null, null, null],
      ['copied', 'nas', 'password', null, null, null],
      ['edited', 'attic', null, null, null, null],
      ['granted', 'attic', null, 'photos', null, null],
      ['used', 'attic', null, null, null, null],
      ['imported', null, null, null, 1, null],
      ['settings-changed', null, null, null, null, null],
      ['password-changed', null, null, null, null, null],
      ['exported', null, null, null, 2, 'csv'],
      ['removed', 'attic', null, null, null, null],
    ])
    expect([problems, torn, total, unwritten]).toEqual([[], false, 12, 0])
    expect(entries.at(-1)?.time).toBe('2026-01-02T03:04:05.000Z')
  })

  it('shows nothing of it to who has no key: neither names nor times nor kinds of events', async () => {
    const kit = await revealed(3)
    const text = kit.read(LOG) + kit.read(HEAD)
    for (const word of ['nas', 'password', 's3cret', 'revealed', '2026', kit.id])
      expect(text).not.toContain(word)
    expect(Object.keys(JSON.parse(lines(kit)[0] ?? '{}') as object).sort()).toEqual([
      'n',
      'prev',
      'salt',
      'token',
      'v',
    ])
    // One length for all of them, as far as names are short.
    expect(new Set(lines(kit).map(({ length }) => length)).size).toBe(1)
  })

  it('names the wrong passwords that came before an unlock', async () => {
    const kit = await createUnlocked()
    await kit.vault.lock()
    for (let n = 0; n < 2; n += 1) await codeOf(unlock(kit.open(), 'wrong'))
    const vault = kit.open()
    await unlock(vault)
    await vault.lock()
    await unlock(vault)
    const [last, before] = (await page(vault)).entries
    expect([before, last].map((entry) => [entry?.event, entry?.failures])).toEqual([
      ['unlocked', 2],
      ['unlocked', 0],
    ])
  })

  it('answers pages, newest first, of all or of one credential', async () => {
    const kit = await revealed(5)
    const web = await kit.vault.addCredential(credential('web'), { password: utf8('x') })
    await kit.vault.revealSecret(web.id, 'password')
    const first = await page(kit.vault, { limit: 2, credential: kit.id })
    expect([first.entries.map(({ n }) => n), first.more, first.total]).toEqual([[7, 6], true, 9])
    const rest = await page(kit.vault, { before: 6, credential: kit.id })
    expect([rest.entries.map(({ event }) => event), rest.more]).toEqual([
      ['revealed', 'revealed', 'revealed', 'added'],
      false,
    ])
  })

  it('needs an open vault', async () => {
    const kit = await revealed(1)
    await kit.vault.lock()
    expect(await codeOf(page(kit.vault))).toBe('locked')
  })

  it('keeps its key over a password change and a lost local.json, and goes on in the next session', async () => {
    const kit = await revealed(1)
    await kit.vault.changePassword({ password: utf8(PASSWORD) }, utf8('another long password'))
    await kit.vault.lock()
    kit.files.content.delete('device/local.json')
    await unlock(kit.vault, 'another long password')
    expect(await events(kit.vault)).toEqual(['created', 'added', 'revealed', 'password-changed', 'unlocked'])
    expect((await page(kit.vault)).problems).toEqual([])
  })

  it('stays readable and goes on after the vault key was replaced', async () => {
    const kit = await revealed(1)
    await kit.vault.rotateKey({ proofs: [{ password: utf8(PASSWORD) }], dropSlots: [] })
    await kit.vault.lock()
    await unlock(kit.vault)
    expect(await events(kit.vault)).toEqual(['created', 'added', 'revealed', 'key-rotated', 'unlocked'])
    expect((await page(kit.vault)).problems).toEqual([])
  })

  it('writes of two processes come one after the other in one chain', async () => {
    const kit = await revealed(0)
    const other = kit.open()
    await unlock(other)
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 === 0 ? kit.vault : other).revealSecret(kit.id, 'password'),
      ),
    )
    const { problems, total } = await page(other)
    expect([problems, total]).toEqual([[], 23])
  })

  it('stays within its size, drops the oldest and says of no line that it was taken away', async () => {
    const kit = await revealed(1)
    const detail = 'x'.repeat(100)
    for (let n = 0; n < 3400; n += 1) await kit.vault.noteAudit({ event: 'exported', detail })
    const sizes = [LOG, 'device/audit.1.jsonl'].map((path) => kit.read(path).length)
    expect(sizes.every((size) => size > 0 && size <= 1024 * 1024)).toBe(true)
    const { problems, total, entries } = await page(kit.vault)
    expect([problems, total < 3400, entries[0]?.n]).toEqual([[], true, 3403])
    kit.files.content.delete('device/audit.1.jsonl')
    expect((await page(kit.vault)).problems).toMatchObject([{ what: 'removed' }])
  }, 60_000)
})

describe('the audit log on a disk that refuses', () => {
  it('gives the password all the same, says how many entries wait, and writes them when it can', async () => {
    const kit = await revealed(0)
    kit.files.failNextWrite('no-space')
    expect(fromUtf8(await kit.vault.revealSecret(kit.id, 'password'))).toBe('s3cret')
    expect((await page(kit.vault)).unwritten).toBe(1)
    expect(kit.lines.at(-1)).toEqual({
      level: 'warn',
      event: 'audit.not-written',
      fields: { code: 'no-space' },
    })
    await kit.clock.advance(60_000)
    await kit.vault.revealSecret(kit.id, 'password', 'clipboard')
    const { entries, unwritten, problems } = await page(kit.vault)
    expect(entries.slice(0, 2).map(({ event, time }) => [event, time])).toEqual([
      ['copied', '2026-01-02T03:05:05.000Z'],
      ['revealed', '2026-01-02T03:04:05.000Z'],
    ])
    expect([unwritten, problems]).toEqual([0, []])
  })

  it('does not take a crash for tampering, wherever it comes', async () => {
    for (let nth = 1; nth <= 3; nth += 1) {
      const kit = await revealed(2)
      const dying = kit.open({ files: dyingAt(kit.files, nth) })
      await codeOf(unlock(dying).then(() => dying.revealSecret(kit.id, 'password')))
      const vault = kit.open()
      await unlock(vault)
      expect({ nth, problems: (await page(vault)).problems }).toEqual({ nth, problems: [] })
    }
  })

  it.each([
    ['half a line', (line: string) => line.slice(0, 100)],
    ['zeros', () => '\0'.repeat(300)],
    ['zeros and a line end', () => `${'\0'.repeat(300)}\n`],
  ])(
    'says that a crash left %s behind, and begins the next line after the last true one',
    async (_fact, tail) => {
      const kit = await revealed(2)
      const before = kit.read(LOG)
      kit.write(LOG, before + tail(lines(kit)[0] ?? ''))
      expect(await page(kit.vault)).toMatchObject({ problems: [], torn: true, total: 4 })
      await kit.vault.revealSecret(kit.id, 'password')
      const after = await page(kit.vault)
      expect([after.problems, after.torn, after.entries[0]?.note]).toEqual([[], false, 'torn'])
      expect(kit.read(LOG).startsWith(before)).toBe(true)
    },
  )

  it('takes a line that was written and not yet vouched for', async () => {
    const kit = await revealed(2)
    const head = kit.read(HEAD)
    await kit.vault.revealSecret(kit.id, 'password')
    kit.write(HEAD, head)
    expect(await page(kit.vault)).toMatchObject({ problems: [], torn: false, total: 5 })
    await kit.vault.revealSecret(kit.id, 'password')
    expect(await page(kit.vault)).toMatchObject({ problems: [], total: 6 })
  })
})

describe('tampering with the audit log', () => {
  const tampering: readonly (readonly [string, (kit: Kit, all: string[]) => void, string])[] = [
    ['the newest entry removed', (kit, all) => setLines(kit, all.slice(0, -1)), 'cut'],
    ['all entries removed', (kit) => kit.files.content.delete(LOG), 'cut'],
    ['the oldest entry removed', (kit, all) => setLines(kit, all.slice(1)), 'removed'],
    ['one in the middle removed', (kit, all) => setLines(kit, all.toSpliced(2, 1)), 'removed'],
    ['two swapped', (kit, all) => setLines(kit, all.toSpliced(1, 2, all[2] ?? '', all[1] ?? '')), 'moved'],
    ['one repeated', (kit, all) => setLines(kit, all.toSpliced(2, 0, all[1] ?? '')), 'moved'],
    [
      'one edited',
      (kit, all) => setLines(kit, all.with(2, (all[2] ?? '').replace('gAAAA', 'gAAAB'))),
      'edited',
    ],
    [
      'a number changed',
      (kit, all) => setLines(kit, all.with(2, (all[2] ?? '').replace('"n":3', '"n":9'))),
      'edited',
    ],
    ['the head removed', (kit) => kit.files.content.delete(HEAD), 'head'],
    ['the head edited', (kit) => kit.write(HEAD, kit.read(HEAD).replace('"n":5', '"n":4')), 'head'],
  ]

  it.each(tampering)('reports %s', async (_fact, tamper, what) => {
    const kit = await revealed(3)
    tamper(kit, lines(kit))
    const { problems } = await page(kit.vault)
    expect(problems.map((problem) => problem.what)).toContain(what)
  })

  it.each(tampering)('still reports %s after more was written', async (_fact, tamper) => {
    const kit = await revealed(3)
    tamper(kit, lines(kit))
    await kit.vault.revealSecret(kit.id, 'password')
    await kit.vault.revealSecret(kit.id, 'password')
    expect((await page(kit.vault)).problems.length).toBeGreaterThan(0)
    expect((await events(kit.vault)).slice(-2)).toEqual(['revealed', 'revealed'])
  })

  it('reports log and head taken away together', async () => {
    const kit = await revealed(3)
    kit.files.content.delete(LOG)
    kit.files.content.delete(HEAD)
    expect((await page(kit.vault)).problems).toMatchObject([{ what: 'head' }])
    await kit.vault.revealSecret(kit.id, 'password')
    expect((await page(kit.vault)).problems).toEqual([{ n: 1, what: 'lost' }])
  })

  it('takes no line of another vault', async () => {
    const kit = await revealed(3)
    const other = await revealed(3)
    setLines(kit, lines(other))
    expect((await page(kit.vault)).problems.length).toBeGreaterThan(0)
    expect((await page(kit.vault)).entries).toEqual([])
  })

  it('is reported whatever bytes are changed, cut or put in, unless they come after the end', async () => {
    const kit = await revealed(6)
    const good = kit.read(LOG)
    const place = fc.nat(good.length - 1)
    const edit = fc.oneof(
      fc
        .tuple(place, fc.integer({ min: 0, max: 6 }))
        .map(
          ([at, bit]) =>
            good.slice(0, at) + String.fromCharCode(good.charCodeAt(at) ^ (1 << bit)) + good.slice(at + 1),
        ),
      place.map((at) => good.slice(0, at)),
      fc
        .tuple(place, fc.integer({ min: 1, max: 900 }))
        .map(([at, length]) => good.slice(0, at) + good.slice(at + length)),
      fc
        .tuple(place, place)
        .map(([at, from]) => good.slice(0, at) + good.slice(from, from + 50) + good.slice(at)),
      fc
        .shuffledSubarray(good.split('\n').slice(0, -1))
        .map((some) => some.map((line) => `${line}\n`).join('')),
    )
    await fc.assert(
      fc.asyncProperty(edit, async (bad) => {
        kit.write(LOG, bad)
        const { problems, torn, entries } = await page(kit.vault)
        expect(problems.length > 0 || torn).toBe(bad !== good)
        // What opens is what was written, under its own number.
        for (const { n, event } of entries)
          expect(event).toBe(n === 1 ? 'created' : n === 2 ? 'added' : 'revealed')
        if (torn && problems.length === 0) expect(entries.length).toBe(8)
      }),
      { numRuns: 400 },
    )
  }, 60_000)
})
