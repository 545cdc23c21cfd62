import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { openRecords } from '../../../../main/core/vault/open-records.ts'
import { INDEX_PATH } from '../../../../main/core/vault/record-index.ts'
import type { Session } from '../../../../main/core/vault/session.ts'
import { unlockVault } from '../../../../main/core/vault/unlock.ts'
import type { VaultApi } from '../../../../main/core/vault/vault-api.ts'
import { INDEX_DELAY_MS, INDEX_WORTH_RECORDS } from '../../../../main/core/vault/vault-limits.ts'
import { createVaultStore } from '../../../../main/core/vault/vault-store.ts'
import { createKit, createUnlocked, credential, PASSWORD, unlock } from './kit.ts'
import type { Kit } from './kit.ts'

const COUNT = INDEX_WORTH_RECORDS + 50

/** A vault of 250 credentials whose second unlock has left an index. */
async function indexedKit(changes: Parameters<typeof createUnlocked>[0] = {}): Promise<Kit> {
  const kit = await createUnlocked({ keepsIndex: true, ...changes })
  await kit.vault.addCredentials(
    Array.from({ length: COUNT }, (_, n) => ({ draft: credential(`server ${n}`), secrets: {} })),
  )
  await kit.vault.lock()
  await listAfterUnlock(kit.open())
  await kit.clock.advance(INDEX_DELAY_MS)
  return kit
}

async function listAfterUnlock(vault: VaultApi): ReturnType<VaultApi['listCredentials']> {
  await unlock(vault)
  return vault.listCredentials()
}

/** How many records the index knew and how many had to be decrypted. */
async function coverage(kit: Kit): Promise<{ known: number; decrypted: number }> {
  const { ports } = kit
  const store = createVaultStore(ports)
  const session: Session = await unlockVault(ports, store, { password: utf8(PASSWORD) }, {})
  const known = session.cache.index.size
  const records = session.cache.file?.records ?? new Map()
  const { decrypted } = await openRecords(session, records, ports.pacer(), ports.log)
  session.close()
  return { known, decrypted }
}

describe('the index of decrypted lists', () => {
  it('spares the next unlock every record', async () => {
    const kit = await indexedKit()
    // Ours and the record of this device.
    expect(await coverage(kit)).toEqual({ known: COUNT + 1, decrypted: 0 })
  })

  it('is not written once another process has replaced the key or erased what it would hold', async () => {
    const kit = await indexedKit()
    for (const change of [
      (vault: VaultApi) => vault.rotateKey({ proofs: [{ password: utf8(PASSWORD) }], dropSlots: [] }),
      (vault: VaultApi) => vault.purgeRevisions(null),
    ]) {
      kit.files.content.delete(INDEX_PATH)
      const behind = kit.open()
      await listAfterUnlock(behind)
      const other = kit.open({ keepsIndex: false })
      await unlock(other)
      await change(other)
      await kit.clock.advance(INDEX_DELAY_MS)
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect(kit.files.content.has(INDEX_PATH)).toBe(false)
    }
  })

  it('changes nothing of what is listed', async () => {
    const kit = await indexedKit()
    const quick = await listAfterUnlock(kit.open())
    kit.files.content.delete(INDEX_PATH)
    expect([quick.length, quick]).toEqual([COUNT, await listAfterUnlock(kit.open())])
  })

  it('leaves an edited record to be decrypted, and only that', async () => {
    const kit = await indexedKit()
    const vault = kit.open()
    const [first] = await listAfterUnlock(vault)
    await vault.editCredential(first?.id ?? '', { tags: ['new'] }, {})
    expect((await coverage(kit)).decrypted).toBe(1)
    const again = await listAfterUnlock(kit.open())
    expect(again.find(({ id }) => id === first?.id)?.tags).toEqual(['new'])
  })

  it('is not written for a few records, nor by a process that ends at once, nor after a lock', async () => {
    const few = await createUnlocked({ keepsIndex: true })
    await few.vault.addCredential(credential('nas'), {})
    await few.clock.advance(INDEX_DELAY_MS)
    const brief = await indexedKit({ keepsIndex: false })
    const kit = await indexedKit()
    kit.files.content.delete(INDEX_PATH)
    const overtaken = kit.open()
    await listAfterUnlock(overtaken)
    await overtaken.lock()
    await kit.clock.advance(INDEX_DELAY_MS)
    expect([few, brief, kit].map(({ files }) => files.content.has(INDEX_PATH))).toEqual([false, false, false])
  })

  it('shows nothing of what it holds', async () => {
    const text = (await indexedKit()).read(INDEX_PATH)
    expect(text).toMatch(/^fernsync-index\/1 [0-9a-f-]{36}\n([A-Za-z0-9_-]{43}= gAAAA[\w-]+=*\n)+$/)
    expect(text).not.toContain('nas.example')
  })

  it('goes with a password change, as the generations do, and with a vault that is set aside', async () => {
    const kit = await indexedKit()
    const vault = kit.open()
    await unlock(vault)
    await vault.changePassword({ password: utf8(PASSWORD) }, utf8('another long password'))
    const aside = await indexedKit()
    await aside.open().setAside()
    expect([kit, aside].map(({ files }) => files.content.has(INDEX_PATH))).toEqual([false, false])
  })

  it('of another vault is ignored', async () => {
    const [kit, other] = [await indexedKit(), await indexedKit()]
    kit.write(INDEX_PATH, other.read(INDEX_PATH))
    expect(await coverage(kit)).toEqual({ known: 0, decrypted: COUNT + 1 })
    const renamed = other
      .read(INDEX_PATH)
      .replace(/ [0-9a-f-]{36}\n/, ` ${(await kit.open().status()).vault ?? ''}\n`)
    kit.write(INDEX_PATH, renamed)
    expect(await coverage(kit)).toEqual({ known: 0, decrypted: COUNT + 1 })
  })

  describe('when it is damaged', () => {
    let kit: Kit
    let text: string
    let list: Awaited<ReturnType<VaultApi['listCredentials']>>
    beforeAll(async () => {
      kit = await indexedKit()
      text = kit.read(INDEX_PATH)
      list = await listAfterUnlock(kit.open())
    })

    it('costs time and nothing else, whatever was done to it', async () => {
      const damage = fc.tuple(fc.nat(), fc.nat(), fc.constantFrom('flip', 'cut', 'drop', 'double'))
      await fc.assert(
        fc.asyncProperty(damage, async ([at, length, kind]) => {
          const start = at % text.length
          const end = start + 1 + (length % 200)
          const piece = text.slice(start, end)
          const damaged = {
            flip:
              text.slice(0, start) + String.fromCharCode(text.charCodeAt(start) ^ 1) + text.slice(start + 1),
            cut: text.slice(0, start),
            drop: text.slice(0, start) + text.slice(end),
            double: text.slice(0, end) + piece + text.slice(end),
          }[kind]
          kit.write(INDEX_PATH, damaged)
          expect(await listAfterUnlock(kit.open())).toEqual(list)
        }),
        { numRuns: 40 },
      )
    })
  })
})

describe('a vault file that was verified before', () => {
  it('is read beside the derivation, and any other file before it', async () => {
    const order: string[] = []
    const kit = await createUnlocked()
    const ports: Partial<Kit['ports']> = {
      derive: async (input) => {
        order.push('derive')
        return kit.ports.derive(input)
      },
      pacer: () => {
        order.push('read')
        return kit.ports.pacer()
      },
    }
    await unlock(kit.open(ports))
    const beside = order.slice(0, 2)
    const device = JSON.parse(kit.read('device/device.json')) as Record<string, unknown>
    kit.write('device/device.json', JSON.stringify({ ...device, verified: null }))
    order.length = 0
    await unlock(kit.open(ports))
    expect([beside, order.slice(0, 2)]).toEqual([
      ['derive', 'read'],
      ['read', 'derive'],
    ])
  })

  it('costs no derivation when it is malformed now', async () => {
    const kit = await createKit()
    const vault = kit.open()
    await vault.init(utf8(PASSWORD), { iterations: 600_000 })
    await vault.lock()
    kit.write('vault.json', kit.read('vault.json').replace('"meta"', '"mete"'))
    const before = kit.derived.length
    await expect(unlock(kit.open())).rejects.toMatchObject({ code: 'vault-damaged' })
    expect(kit.derived.length).toBe(before)
  })
})
