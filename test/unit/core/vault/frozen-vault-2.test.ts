import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../../main/core/crypto/bytes.ts'
import { deriveKey } from '../../../../main/core/crypto/kdf.ts'
import type { SlotProof, VaultApi } from '../../../../main/core/vault/vault-api.ts'
import { VaultSettings } from '../../../../main/model/vault.ts'
import { codeOf, createKit } from './kit.ts'
import type { Kit } from './kit.ts'
import { rawVault } from './tamper.ts'

const FOLDER = join(import.meta.dirname, '../../../fixtures/vault-2')

type Listed = { readonly name: string; readonly secrets: Readonly<Record<string, string>> }
type Expected = {
  readonly password: string
  readonly recoveryKey: string
  readonly listed: readonly (Listed & Readonly<Record<string, unknown>>)[]
  readonly history: { readonly name: string; readonly passwords: readonly string[] }
  readonly job: Readonly<Record<string, unknown>>
  readonly settings: Partial<VaultSettings>
  readonly device: string
  readonly files: Readonly<Record<string, string>>
}

const read = (path: string): Uint8Array => Uint8Array.from(readFileSync(join(FOLDER, path)))
// Frozen beside the vault, so its shape is known.
const expected = JSON.parse(fromUtf8(read('expected.json'))) as Expected

/** Its password and, where it is asked for, its key file. */
const byPassword = (): SlotProof => ({ password: utf8(expected.password) })
const byRecoveryKey = (): SlotProof => ({ recoveryKey: utf8(expected.recoveryKey) })
const byKeyFile = (): SlotProof => ({ ...byPassword(), keyFile: read('vault.keyfile') })

/** The device that wrote it, in memory, with real derivations; `vaultFile` in the place of vault.json. */
async function deviceWith(vaultFile = 'vault.json'): Promise<Kit> {
  const kit = await createKit({ derive: deriveKey, machineIdHash: null })
  for (const name of readdirSync(join(FOLDER, 'device')))
    kit.files.content.set(`device/${name}`, read(`device/${name}`))
  kit.files.content.set('vault.json', read(vaultFile))
  // As on a device that gets these files by sync: it remembers another write of the same vault.
  if (vaultFile !== 'vault.json') kit.files.content.delete('device/device.json')
  return kit
}

async function listed(vault: VaultApi, isOwner = true): Promise<unknown> {
  const all: unknown[] = []
  for (const one of await vault.listCredentials()) {
    const secrets: Record<string, string> = {}
    for (const field of one.secrets) secrets[field] = fromUtf8(await vault.revealSecret(one.id, field))
    const { name, rev, type, fields, tags, expires, hostKey } = one
    all.push({ name, rev, type, fields: isOwner ? fields : {}, tags, expires, hostKey, secrets })
  }
  return all
}

/** What of the sign-ins is no device's own. */
const shared = (): unknown =>
  expected.listed.map(({ secrets, ...rest }) => {
    const kept = Object.fromEntries(Object.entries(secrets).filter(([name]) => name !== 'token'))
    return { ...rest, fields: {}, secrets: kept }
  })

/** Digest of every file in the folder, by path. */
function digests(folder = FOLDER): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!statSync(join(folder, name)).isFile()) continue
    found[name] = createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex')
  }
  return found
}

const before = digests()

describe('the frozen vault of 0.1.0', () => {
  afterAll(() => expect(digests()).toEqual(before))

  it.each([
    ['the password', byPassword],
    ['the recovery key', byRecoveryKey],
  ])('opens by %s with everything that it holds', async (_, proof) => {
    const vault = (await deviceWith()).open()
    await vault.unlock(proof(), { allowSlowKdf: true })
    expect(await listed(vault)).toEqual(expected.listed)
    const [job, ...others] = await vault.listJobs()
    expect(others).toEqual([])
    expect(job).toMatchObject(expected.job)
    expect(await vault.settings()).toEqual(VaultSettings.parse(expected.settings))
    expect(Object.values(await vault.deviceLabels())).toEqual([expected.device])
  })

  it('has all past revisions, and nothing of what was removed but that it was', async () => {
    const vault = (await deviceWith()).open()
    await vault.unlock(byPassword(), { allowSlowKdf: true })
    const id = (await vault.listCredentials()).find(({ name }) => name === expected.history.name)?.id ?? ''
    const passwords: string[] = []
    for (const { rev, isCurrent } of await vault.listRevisions(id)) {
      const bytes = isCurrent
        ? await vault.revealSecret(id, 'password')
        : await vault.revealRevision(id, rev, 'password')
      passwords.push(fromUtf8(bytes))
    }
    expect(passwords).toEqual(expected.history.passwords)
    const { records, vkGen, slots } = rawVault(fromUtf8(read('vault.json')))
    expect(records.filter(({ deleted }) => deleted === true)).toHaveLength(1)
    expect([vkGen, records.every(({ gen }) => gen === 2)]).toEqual([2, true])
    expect(slots.map(({ type, kdf }) => [type, kdf.name, kdf.iterations])).toEqual([
      ['password', 'pbkdf2-hmac-sha256', 1_200_000],
      ['recovery', 'pbkdf2-hmac-sha256', expect.any(Number)],
    ])
  })

  it('is sound to verify, and so is the record of what was done with it', async () => {
    const kit = await deviceWith()
    const report = await kit.open().verify({ proof: byPassword(), repair: false, allowSlowKdf: true })
    expect([report.ok, report.faults, report.damaged]).toEqual([true, [], []])
    expect(report.local).toMatchObject({ state: 'intact', lost: 0 })
    const vault = kit.open()
    await vault.unlock(byPassword(), { allowSlowKdf: true })
    const { entries, problems, torn } = await vault.auditEntries({
      before: null,
      limit: 500,
      credential: null,
    })
    expect([problems, torn]).toEqual([[], false])
    const events = entries.map(({ event }) => event)
    const done = [
      'created',
      'added',
      'edited',
      'removed',
      'revealed',
      'slot-added',
      'key-rotated',
      'settings-changed',
    ]
    expect(events).toEqual(expect.arrayContaining(done))
  })

  it.each(Object.entries(expected.files))(
    'opens from %s, whose password goes through %s',
    async (file, kdf) => {
      const kit = await deviceWith(file)
      expect(rawVault(kit.read('vault.json')).slots[0]?.kdf.name).toBe(kdf)
      const vault = kit.open()
      await vault.unlock(byPassword(), { allowSlowKdf: true })
      expect(await listed(vault, false)).toEqual(shared())
    },
  )

  it('opens with password and key file where both are asked for, and not with one of them', async () => {
    const kit = await deviceWith('key-file.json')
    const vault = kit.open()
    expect(await codeOf(vault.unlock(byPassword(), { allowSlowKdf: true }))).not.toBeNull()
    await vault.unlock(byKeyFile(), { allowSlowKdf: true })
    expect(await listed(vault, false)).toEqual(shared())
  })

  it('can be written to, and then has what it had and what is new', async () => {
    const kit = await deviceWith()
    const vault = kit.open()
    await vault.unlock(byPassword(), { allowSlowKdf: true })
    await vault.addCredential(
      { name: 'new', type: 'generic', fields: {}, hostKey: null, tags: [] },
      { password: utf8('new') },
    )
    await vault.lock()
    const again = kit.open()
    await again.unlock(byPassword(), { allowSlowKdf: true })
    expect(await listed(again)).toEqual([...expected.listed, expect.objectContaining({ name: 'new' })])
  })
})
