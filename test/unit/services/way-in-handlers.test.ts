import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createNodeKeyFiles } from '../../../main/adapters/node-key-files.ts'
import { nodeRandom } from '../../../main/adapters/node-random.ts'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import { createPathTokens } from '../../../main/services/path-tokens.ts'
import { createThreshold } from '../../../main/services/threshold.ts'
import { wayInHandlers } from '../../../main/services/way-in-handlers.ts'
import { tempFolder } from '../../helpers/temp-home.ts'
import { createBench, PASSWORD } from './support.ts'

const NEXT = 'eight herons on the granite weir'
const withCode = (code: string): unknown => expect.objectContaining({ code })
const password = (text = PASSWORD) => ({ password: utf8(text), keyFile: null })

/** The handlers over a real vault, and what its dialogs answer. */
async function bench() {
  const { services, ports, emitted, home } = await createBench()
  const folder = await tempFolder()
  const answers: { file: string | null; newFile: string | null } = { file: null, newFile: null }
  const threshold = createThreshold()
  const tokens = createPathTokens(nodeRandom)
  const calls = wayInHandlers(
    {
      ports,
      desktop: {
        folderPicker: {
          pickFolder: () => Promise.resolve(null),
          pickFile: () => Promise.resolve(answers.file),
          pickNewFile: () => Promise.resolve(answers.newFile),
        },
        keyFiles: createNodeKeyFiles(),
      },
      vault: services.vault,
      threshold,
    },
    tokens,
  )
  await calls['vault.create']({ password: utf8(PASSWORD) })
  threshold.release()
  const lock = () => services.vault.lock({ stopJobs: false })
  const makeKeyFile = async (name = 'key') => {
    answers.newFile = join(folder, name)
    const place = await calls['vault.makeKeyFile']({ title: 'Save' })
    if (place === null) throw new Error('no key file')
    return place
  }
  const makeRecoveryKey = async (): Promise<string> => {
    const { key, ask } = await calls['vault.prepareRecoveryKey'](undefined)
    const groups = new TextDecoder().decode(key).split('-')
    const [first, second] = ask.map((number) => utf8(groups[number - 1] ?? ''))
    if (first === undefined || second === undefined) throw new Error('no groups')
    await calls['vault.addRecoveryKey']({ proof: password(), typed: [first, second] })
    return groups.join('-')
  }
  return {
    calls,
    answers,
    folder,
    threshold,
    tokens,
    lock,
    makeKeyFile,
    makeRecoveryKey,
    emitted,
    home,
    services,
  }
}

type Calls = Awaited<ReturnType<typeof bench>>['calls']
const unlock = (calls: Calls, proof: { password: Uint8Array; keyFile: string | null }) =>
  calls['vault.unlock']({ ...proof, allowSlowKdf: false })

describe('key files', () => {
  it('open the vault with the password from then on, read in main from a token that is used up', async () => {
    const { calls, answers, lock, makeKeyFile } = await bench()
    const place = await makeKeyFile()
    expect(await readFile(place.shown, 'utf8')).toMatch(/^fernsync-keyfile-1 /)
    await calls['vault.setKeyFile']({ proof: password(), keyFile: place.token })
    await expect(calls['vault.setKeyFile']({ proof: password(), keyFile: place.token })).rejects.toEqual(
      withCode('bad-request'),
    )
    await lock()
    await expect(unlock(calls, password())).rejects.toEqual(withCode('key-file-needed'))
    answers.file = place.shown
    const chosen = await calls['vault.pickKeyFile']({ title: 'Choose' })
    const token = chosen?.token ?? ''
    await expect(unlock(calls, { ...password('not the right one'), keyFile: token })).rejects.toEqual(
      withCode('wrong-password'),
    )
    // What was refused is corrected and sent again.
    expect(await unlock(calls, { ...password(), keyFile: token })).toMatchObject({ state: 'unlocked' })
    await expect(unlock(calls, { ...password(), keyFile: token })).rejects.toEqual(withCode('bad-request'))
  })

  it.each([
    ['is gone', null],
    ['is another file', 'shopping list\n'],
    ['is far too large to be one', 'x'.repeat(5_000)],
  ])('are refused as what they are when the file %s', async (_what, content) => {
    const { calls, makeKeyFile } = await bench()
    const { token, shown } = await makeKeyFile()
    if (content === null) await rm(shown)
    else await writeFile(shown, content)
    await expect(calls['vault.setKeyFile']({ proof: password(), keyFile: token })).rejects.toEqual(
      withCode('key-file-invalid'),
    )
  })

  it('are not read through a token that was given for something else', async () => {
    const { calls, tokens, folder } = await bench()
    const token = tokens.give(join(folder, 'id_ed25519'), 'key-file')
    await expect(calls['vault.setKeyFile']({ proof: password(), keyFile: token })).rejects.toEqual(
      withCode('bad-request'),
    )
  })

  it('open a vault that is checked, and again for the repair of what is found', async () => {
    const { calls, answers, lock, makeKeyFile, home } = await bench()
    const place = await makeKeyFile()
    await calls['vault.setKeyFile']({ proof: password(), keyFile: place.token })
    await lock()
    answers.file = place.shown
    const check = async (keyFile: string | null, repair: boolean) =>
      calls['vault.check']({ proof: { ...password(), keyFile }, repair, allowSlowKdf: true })
    const choose = async () => (await calls['vault.pickKeyFile']({ title: 'Choose' }))?.token ?? ''
    await expect(check(null, false)).rejects.toEqual(withCode('key-file-needed'))
    const sound = await choose()
    expect(await check(sound, false)).toMatchObject({ ok: true })
    await expect(check(sound, false)).rejects.toEqual(withCode('bad-request'))

    await appendFile(join(home.path, 'vault.json'), 'no longer JSON')
    const token = await choose()
    expect(await check(token, false)).toMatchObject({ ok: false, repaired: false })
    expect(await check(token, true)).toMatchObject({ repaired: true })
    await expect(check(token, true)).rejects.toEqual(withCode('bad-request'))
    expect(await unlock(calls, { ...password(), keyFile: await choose() })).toMatchObject({
      state: 'unlocked',
    })
  })

  it('are not made when the person closes the dialog', async () => {
    const { calls } = await bench()
    expect(await calls['vault.makeKeyFile']({ title: 'Save' })).toBeNull()
    expect(await calls['vault.pickKeyFile']({ title: 'Choose' })).toBeNull()
  })
})

describe('a recovery key', () => {
  it('opens the vault and proves a new password', async () => {
    const { calls, lock, makeRecoveryKey } = await bench()
    const key = await makeRecoveryKey()
    await lock()
    await calls['vault.unlock']({ recoveryKey: utf8(key.toLowerCase()), allowSlowKdf: false })
    const proof = { recoveryKey: utf8(key) }
    await calls['vault.changePassword']({ proof, next: utf8(NEXT), kdf: null })
    await lock()
    await expect(unlock(calls, password())).rejects.toEqual(withCode('wrong-password'))
    expect(await unlock(calls, password(NEXT))).toMatchObject({ state: 'unlocked' })
  })

  it('proves a new password also while the vault is open, counted like any attempt, and is told in the record', async () => {
    const { calls, lock, makeKeyFile, makeRecoveryKey, services } = await bench()
    const key = await makeRecoveryKey()
    const { token } = await makeKeyFile()
    await calls['vault.setKeyFile']({ proof: password(), keyFile: token })
    const change = (recoveryKey: string) =>
      calls['vault.changePassword']({
        proof: { recoveryKey: utf8(recoveryKey) },
        next: utf8(NEXT),
        kdf: null,
      })
    await expect(change('7K2M')).rejects.toEqual(withCode('recovery-key-invalid'))
    const other = 'AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA'
    await expect(change(other)).rejects.toEqual(withCode('recovery-key-invalid'))
    expect((await services.vault.status()).throttledForMs).toBe(0)

    const changed = await change(key)
    // The key file may be what was lost.
    expect(changed.slots.map(({ type }) => type).sort()).toEqual(['password', 'recovery'])
    const { entries } = await services.vault.activity({ before: null, limit: 1, credential: null })
    expect(entries).toMatchObject([{ event: 'password-changed', detail: 'recovery key' }])
    await lock()
    await expect(unlock(calls, password())).rejects.toEqual(withCode('wrong-password'))
    expect(await unlock(calls, password(NEXT))).toMatchObject({ state: 'unlocked' })
  })

  it('that was replaced is refused, counted and throttled, also while the vault is open', async () => {
    const { calls, lock, makeRecoveryKey, services } = await bench()
    const old = await makeRecoveryKey()
    await makeRecoveryKey()
    const change = () =>
      calls['vault.changePassword']({ proof: { recoveryKey: utf8(old) }, next: utf8(NEXT), kdf: null })
    for (let attempt = 0; attempt < 3; attempt += 1)
      await expect(change()).rejects.toEqual(withCode('wrong-password'))
    await expect(change()).rejects.toEqual(withCode('throttled'))
    expect((await services.vault.status()).throttledForMs).toBeGreaterThan(0)
    await lock()
    await expect(unlock(calls, password())).rejects.toEqual(withCode('throttled'))
  })

  it('is removed by the password', async () => {
    const { calls, makeRecoveryKey } = await bench()
    await makeRecoveryKey()
    const status = await calls['vault.removeSlot']({ id: 'rk1', proof: password() })
    expect(status.slots.map(({ type }) => type)).toEqual(['password'])
  })
})

describe('a key for the keychain', () => {
  it('is given away only after the password, as every way in', async () => {
    const { calls, makeKeyFile } = await bench()
    const remember = (proof: { password: Uint8Array; keyFile: string | null }) =>
      calls['keychain.remember']({ days: 30, proof })
    await expect(remember(password('somebody elses'))).rejects.toEqual(withCode('wrong-password'))
    // There is no keychain here: the proof was enough, and it is what was asked next.
    await expect(remember(password())).rejects.toEqual(withCode('keychain-unavailable'))
    const { token } = await makeKeyFile()
    await calls['vault.setKeyFile']({ proof: password(), keyFile: token })
    await expect(remember(password())).rejects.toEqual(withCode('key-file-needed'))
  })
})

describe('the unlock window', () => {
  it('stays after a new vault and after a recovery key, until it says that it is done', async () => {
    const { calls, threshold, lock, makeRecoveryKey } = await bench()
    const key = await makeRecoveryKey()
    await lock()
    expect(threshold.isHeld()).toBe(false)
    await calls['vault.unlock']({ recoveryKey: utf8(key), allowSlowKdf: false })
    expect(threshold.isHeld()).toBe(true)
    const told: boolean[] = []
    threshold.onRelease(() => told.push(threshold.isHeld()))
    await calls['vault.enter'](undefined)
    expect(told).toEqual([false])
  })

  it('does not stay after a password, nor after what was refused', async () => {
    const { calls, threshold, lock } = await bench()
    await lock()
    await unlock(calls, password())
    expect(threshold.isHeld()).toBe(false)
    await lock()
    const refused = calls['vault.unlock']({ recoveryKey: utf8('7K2M'), allowSlowKdf: false })
    await expect(refused).rejects.toEqual(withCode('recovery-key-invalid'))
    expect(threshold.isHeld()).toBe(false)
  })
})

describe('a new vault key', () => {
  it('keeps what is proven, gives up what is named, and tells how far it is', async () => {
    const { calls, lock, makeRecoveryKey, emitted } = await bench()
    await makeRecoveryKey()
    await expect(calls['vault.rotateKey']({ proofs: [password()], dropSlots: [] })).rejects.toEqual(
      withCode('slots-left'),
    )
    const status = await calls['vault.rotateKey']({ proofs: [password()], dropSlots: ['rk1'] })
    expect(status.slots.map(({ type }) => type)).toEqual(['password'])
    expect(emitted).toContain('vault.rotation')
    await lock()
    expect(await unlock(calls, password())).toMatchObject({ state: 'unlocked' })
  })

  it('is not there to be cancelled most of the time', async () => {
    const { calls } = await bench()
    expect(await calls['vault.cancelRotation'](undefined)).toEqual({})
  })
})
