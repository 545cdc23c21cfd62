import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../../main/core/crypto/bytes.ts'
import { AppError } from '../../../../main/model/app-error.ts'
import type { RotateProgress, SlotProof, VaultApi } from '../../../../main/core/vault/vault-api.ts'
import { codeOf, createKit, createUnlocked, credential, dyingAt, job, PASSWORD, unlock } from './kit.ts'
import type { Kit } from './kit.ts'
import { at, rawVault, tampered } from './tamper.ts'

const proof = (): { password: Uint8Array } => ({ password: utf8(PASSWORD) })

function rotate(
  vault: VaultApi,
  more: readonly SlotProof[] = [],
  dropSlots: readonly string[] = [],
): Promise<void> {
  return vault.rotateKey({ proofs: [proof(), ...more], dropSlots })
}

/** A vault with history, a removed record, device data and a job. */
async function filled(): Promise<Kit & { readonly vault: VaultApi }> {
  const kit = await createUnlocked()
  const fields = { host: 'nas.example', user: 'ana', keyFile: '/home/ana/.ssh/id' }
  const { id } = await kit.vault.addCredential(credential('nas', { fields }), { password: utf8('first') })
  await kit.vault.editCredential(id, { tags: ['home'] }, { password: utf8('second') })
  const gone = await kit.vault.addCredential(credential('gone'), { password: utf8('third') })
  await kit.vault.removeCredential(gone.id)
  await kit.vault.addJob(job('photos', id))
  return kit
}

/** Everything the vault tells, without what a write changes. */
async function contents(vault: VaultApi): Promise<unknown> {
  const credentials = await vault.listCredentials()
  const secrets = await Promise.all(
    credentials.map(async ({ id }) => fromUtf8(await vault.revealSecret(id, 'password'))),
  )
  return [credentials, secrets, await vault.listJobs(), await vault.settings(), await vault.deviceLabels()]
}

async function kitCredential(vault: VaultApi): Promise<{ readonly id: string }> {
  const found = (await vault.listCredentials()).find(({ name }) => name === 'nas')
  if (found === undefined) throw new Error('the credential is gone')
  return found
}

async function recoveryKey(vault: VaultApi): Promise<string> {
  const { key, ask } = await vault.prepareRecoveryKey()
  const groups = fromUtf8(key).split('-')
  const [first = '', second = ''] = ask.map((number) => groups[number - 1] ?? '')
  await vault.addRecoveryKey(proof(), [utf8(first), utf8(second)])
  return fromUtf8(key)
}

describe('rotateKey', () => {
  it('changes every token and salt, and nothing of what the vault holds', async () => {
    const kit = await filled()
    const before = rawVault(kit.read('vault.json'))
    const expected = await contents(kit.vault)
    await rotate(kit.vault)
    expect(await contents(kit.vault)).toEqual(expected)
    const other = kit.open()
    await unlock(other)
    expect(await contents(other)).toEqual(expected)

    const after = rawVault(kit.read('vault.json'))
    const tokens = (vault: typeof before): string[] =>
      vault.records.flatMap((record) =>
        [record, ...record.hist].flatMap(({ meta, secret }) => [
          meta.token,
          meta.salt,
          ...(secret === undefined ? [] : [secret.token, secret.salt]),
        ]),
      )
    const old = new Set(tokens(before))
    expect(tokens(after).filter((token) => old.has(token))).toEqual([])
    expect([after.vkGen, at(after.slots, 0).kdf.salt === at(before.slots, 0).kdf.salt]).toEqual([2, false])
    // Revisions and their devices stay, for other computers to compare; the retired key is one record more, and this device
    // notes in its own that nothing of it is left under that key.
    const device = JSON.parse(kit.read('device/device.json')) as { readonly record: string }
    const places = (vault: typeof before): unknown[] =>
      vault.records
        .filter(({ id }) => id !== device.record)
        .map(({ id, rev, dev, hist }) => [id, rev, dev, hist.map((past) => [past.rev, past.dev])])
    expect(places(after).slice(0, -1)).toEqual(places(before))
    expect([after.records.length, after.records.every(({ gen }) => gen === 2)]).toEqual([
      before.records.length + 1,
      true,
    ])
  })

  it('leaves no copy that the old key opens', async () => {
    const kit = await filled()
    const old = kit.read('vault.json')
    await rotate(kit.vault)
    const copies = ['vault.json', 'vault.json.1', 'vault.json.2', 'vault.json.3'].map((path) =>
      kit.read(path),
    )
    expect(copies.every((text) => text === '' || rawVault(text).vkGen === 2)).toBe(true)
    // And the old file put back is not taken for the vault.
    kit.write('vault.json', old)
    expect(await codeOf(unlock(kit.open()))).toBe('vault-changed')
  })

  it('can be done again and again', async () => {
    const kit = await filled()
    const expected = await contents(kit.vault)
    for (let n = 0; n < 3; n += 1) await rotate(kit.vault)
    const other = kit.open()
    await unlock(other)
    expect([await contents(other), rawVault(kit.read('vault.json')).vkGen]).toEqual([expected, 4])
  })

  it('locks every other process that has the vault open', async () => {
    const kit = await filled()
    const other = kit.open()
    await unlock(other)
    await rotate(kit.vault)
    expect(await codeOf(other.listCredentials())).toBe('locked')
    await unlock(other)
    expect(await codeOf(other.listCredentials())).toBeNull()
  })

  it('stops when a way in would be lost unasked, before anything is derived', async () => {
    const kit = await filled()
    const key = await recoveryKey(kit.vault)
    const [before, derived] = [kit.read('vault.json'), kit.derived.length]
    expect(await codeOf(rotate(kit.vault))).toBe('slots-left')
    expect(
      await codeOf(kit.vault.rotateKey({ proofs: [{ recoveryKey: utf8(key) }], dropSlots: ['pw1'] })),
    ).toBe('last-slot')
    expect([kit.read('vault.json'), kit.derived.length]).toEqual([before, derived])
  })

  it('refuses two proofs of one slot, which would be written twice and read by nobody', async () => {
    const kit = await filled()
    const before = kit.read('vault.json')
    expect(await codeOf(rotate(kit.vault, [proof()]))).toBe('bad-request')
    expect([kit.read('vault.json'), await codeOf(unlock(kit.open()))]).toEqual([before, null])
  })

  it('keeps a recovery key that is given and gives up one that is named', async () => {
    const kit = await filled()
    const key = await recoveryKey(kit.vault)
    await rotate(kit.vault, [{ recoveryKey: utf8(key) }])
    expect(await codeOf(kit.open().unlock({ recoveryKey: utf8(key) }, {}))).toBeNull()
    await rotate(kit.vault, [], ['rk1'])
    expect(await codeOf(kit.open().unlock({ recoveryKey: utf8(key) }, {}))).toBe('slot-missing')
  })

  it('verifies each proof, throttled like an unlock, and changes nothing for a wrong one', async () => {
    const kit = await filled()
    const before = kit.read('vault.json')
    const codes: unknown[] = []
    for (let n = 0; n < 4; n += 1) {
      const wrong = { password: utf8('wrong password') }
      codes.push(await codeOf(kit.vault.rotateKey({ proofs: [wrong], dropSlots: [] })))
    }
    expect(codes).toEqual(['wrong-password', 'wrong-password', 'wrong-password', 'throttled'])
    expect(kit.read('vault.json')).toBe(before)
  })

  it('tells how far it is, and can be cancelled until it writes', async () => {
    const kit = await filled()
    const seen: RotateProgress[] = []
    await kit.vault.rotateKey({
      proofs: [proof()],
      dropSlots: [],
      onProgress: (progress) => seen.push(progress),
    })
    const total = rawVault(kit.read('vault.json')).records.length - 1
    expect([seen.at(-1), seen.length]).toEqual([{ done: total, total }, total])

    const before = kit.read('vault.json')
    const cancelled = kit.vault.rotateKey({
      proofs: [proof()],
      dropSlots: [],
      onProgress: ({ done }) => {
        if (done === 2) void kit.vault.cancelRotation()
      },
    })
    expect(await codeOf(cancelled)).toBe('cancelled')
    expect([kit.read('vault.json'), await codeOf(kit.vault.listCredentials())]).toEqual([before, null])
    await kit.vault.cancelRotation()
  })

  it('does not happen when it is cancelled while it waits for other calls, and wipes what it was given', async () => {
    const kit = await createUnlocked()
    const before = kit.read('vault.json')
    const given = proof()
    const list = kit.vault.listCredentials()
    const rotation = kit.vault.rotateKey({ proofs: [given], dropSlots: [] })
    await kit.vault.cancelRotation()
    await list
    expect(await codeOf(rotation)).toBe('cancelled')
    expect(kit.read('vault.json')).toBe(before)
    expect(given.password.every((byte) => byte === 0)).toBe(true)
    expect(await codeOf(rotate(kit.vault))).toBe(null)
  })

  it('refuses a vault with a damaged record instead of burying it', async () => {
    const kit = await filled()
    const damaged = tampered(kit.read('vault.json'), (vault) => {
      at(vault.records, 1).meta.token = at(vault.records, 0).meta.token
    })
    kit.write('vault.json', damaged)
    expect(await codeOf(rotate(kit.vault))).toBe('vault-changed')
    expect(kit.read('vault.json')).toBe(damaged)
  })

  it('killed at any write leaves a vault that opens with everything, device data too', async () => {
    for (let nth = 1; nth < 30; nth += 1) {
      const kit = await filled()
      const expected = await contents(kit.vault)
      const dying = kit.open({ files: dyingAt(kit.files, nth) })
      await codeOf(unlock(dying))
      const outcome = await codeOf(rotate(dying))
      const vault = kit.open()
      await unlock(vault)
      expect(await contents(vault), `killed at write ${nth}`).toEqual(expected)
      // What an unlock finishes is finished: no copy is left under the old key once the vault has the new one.
      const { vkGen } = rawVault(kit.read('vault.json'))
      const generations = ['vault.json.1', 'vault.json.2', 'vault.json.3'].map((path) => kit.read(path))
      const isMixed = generations.some((text) => text !== '' && rawVault(text).vkGen !== vkGen)
      expect(vkGen === 2 && isMixed, `copies after write ${nth}`).toBe(false)
      if (outcome === null) return
    }
    expect.unreachable('it never came to an end')
  })

  it('carries over the device data of a computer that was away, once', async () => {
    const here = await filled()
    const away = await createKit({ machineIdHash: 'b'.repeat(64), deviceLabel: 'laptop' })
    const replicate = (from: Kit, to: Kit): void => to.write('vault.json', from.read('vault.json'))
    replicate(here, away)
    const laptop = away.open()
    await unlock(laptop)
    const { id } = await kitCredential(laptop)
    await laptop.addJob(job('music', id, { local: '/home/ana/music' }))
    replicate(away, here)
    await rotate(here.vault)
    replicate(here, away)
    const underOldKey = away.read('device/local.json')

    const folders = async (vault: VaultApi): Promise<string[]> =>
      (await vault.listJobs()).map(({ local }) => local).sort()
    const again = away.open()
    await unlock(again)
    expect(await folders(again)).toEqual(['', '/home/ana/music'])
    expect(away.read('device/local.json')).not.toBe(underOldKey)

    // From now on whoever kept the old key can put no device data of theirs in the place.
    away.write('device/local.json', underOldKey)
    const device = JSON.parse(away.read('device/device.json')) as Record<string, unknown>
    away.write('device/device.json', JSON.stringify({ ...device, local: null }))
    const later = away.open()
    await unlock(later)
    expect(await folders(later)).toEqual(['', ''])
  })

  it('lets calls wait for it instead of locking the vault under them', async () => {
    const kit = await filled()
    const { id } = await kitCredential(kit.vault)
    const calls: Promise<string | null>[] = []
    let isDone = false
    const rotation = codeOf(rotate(kit.vault)).finally(() => (isDone = true))
    while (!isDone) {
      if (calls.length < 60)
        calls.push(
          codeOf(kit.vault.listCredentials()),
          codeOf(kit.vault.editCredential(id, { tags: [`${calls.length}`] }, {})),
          codeOf(kit.vault.revealSecret(id, 'password')),
        )
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect([await rotation, [...new Set(await Promise.all(calls))]]).toEqual([null, [null]])
    expect((await kit.vault.auditEntries({ before: null, limit: 500, credential: null })).problems).toEqual(
      [],
    )
  })

  it('ends with a lock, which does not wait for it', async () => {
    const kit = await filled()
    const rotation = codeOf(rotate(kit.vault))
    const waiting = codeOf(kit.vault.listCredentials())
    await kit.vault.lock()
    expect([await rotation, await waiting]).toEqual(['locked', 'locked'])
    await unlock(kit.vault)
    expect(rawVault(kit.read('vault.json')).vkGen).toBe(1)
  })

  it('adopts the device data before the first change when the rotation could not', async () => {
    const kit = await filled()
    const expected = await contents(kit.vault)
    // The rotation's own writes succeed; local.json cannot be written until the disk has room again.
    let isFull = true
    const files = {
      ...kit.files,
      writeDurably: (...args: Parameters<typeof kit.files.writeDurably>) =>
        isFull && args[0].startsWith('device/local.json')
          ? Promise.reject(new AppError('no-space', 'a full disk'))
          : kit.files.writeDurably(...args),
    }
    const vault = kit.open({ files })
    await unlock(vault)
    await rotate(vault)
    expect(kit.lines).toContainEqual({
      level: 'warn',
      event: 'vault.settle-failed',
      fields: { code: 'no-space' },
    })
    const { id } = await kitCredential(vault)
    expect(await codeOf(vault.editCredential(id, { fields: { keyFile: '/new' } }, {}))).toBe('no-space')
    isFull = false

    await vault.addJob(job('music', id, { local: '/home/ana/music' }))
    const folders = async (of: VaultApi): Promise<unknown> =>
      (await of.listJobs()).map(({ name, local }) => [name, local])
    const all = [
      ['photos', '/home/ana/photos'],
      ['music', '/home/ana/music'],
    ]
    expect(await folders(vault)).toEqual(all)
    await vault.removeJob(((await vault.listJobs()).find(({ name }) => name === 'music') ?? { id: '' }).id)
    const other = kit.open()
    await unlock(other)
    expect(await contents(other)).toEqual(expected)
  })

  it('leaves no device data behind that the old key opens, the older copy included', async () => {
    const kit = await filled()
    const { id } = await kitCredential(kit.vault)
    await kit.vault.editCredential(
      id,
      { fields: { host: 'nas.example', user: 'ana', keyFile: '/other' } },
      {},
    )
    const before = [kit.read('device/local.json'), kit.read('device/local.json.1')]
    expect(before.every((text) => text !== '')).toBe(true)
    await rotate(kit.vault)
    expect(kit.read('device/local.json.1')).toBe(kit.read('device/local.json'))
    expect(before).not.toContain(kit.read('device/local.json'))
  })

  it('brings no older device data back that lies under the retired key', async () => {
    const kit = await filled()
    const local = kit.read('device/local.json')
    await rotate(kit.vault)
    kit.write('device/local.json', local)
    const vault = kit.open()
    await unlock(vault)
    expect((await vault.listJobs()).map((found) => found.local)).toEqual([''])
    expect(kit.read('device/local.json')).toBe(local)
  })

  it('goes on without device data that nothing can be made of', async () => {
    const kit = await filled()
    await rotate(kit.vault)
    const { id } = await kitCredential(kit.vault)
    for (const broken of ['', '{', '{"format":"fernsync-local","version":2,"minReader":2}']) {
      kit.write('device/local.json', broken)
      expect(await codeOf(kit.vault.editCredential(id, { tags: [String(broken.length)] }, {}))).toBe(null)
    }
  })

  it('refuses a part that only newer programs know', async () => {
    const kit = await createKit()
    const vault = kit.open()
    await vault.init(utf8(PASSWORD), { iterations: 600_000 })
    const { resealRecords } = await import('../../../../main/core/vault/reseal.ts')
    const raw = rawVault(kit.read('vault.json'))
    const record = { ...at(raw.records, 0), files: { salt: 's', token: 't' } }
    const { StoredRecord } = await import('../../../../main/core/vault/record-schema.ts')
    const entry = { record: StoredRecord.parse(record), bytes: new Uint8Array(), digest: '' }
    const promise = resealRecords(new Map([[record.id, entry]]), {
      from: new Uint8Array(32),
      to: new Uint8Array(32),
      gen: 2,
      scope: 'record',
      vault: raw.vault,
      random: kit.ports.random,
      pacer: kit.ports.pacer(),
      onRecord: () => {},
    })
    expect(await codeOf(promise)).toBe('vault-newer')
  })
})
