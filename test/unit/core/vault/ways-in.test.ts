import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../../main/core/crypto/bytes.ts'
import type { VaultApi } from '../../../../main/core/vault/vault-api.ts'
import type { KdfChoice } from '../../../../main/model/vault.ts'
import { codeOf, createKit, createUnlocked, credential, PASSWORD, unlock } from './kit.ts'
import type { Kit } from './kit.ts'

const proof = (): { password: Uint8Array } => ({ password: utf8(PASSWORD) })

/** The key as it was shown, after it was typed back. */
async function addRecovery(vault: VaultApi): Promise<string> {
  const { key, ask } = await vault.prepareRecoveryKey()
  const shown = fromUtf8(key)
  const [first = '', second = ''] = ask.map((number) => shown.split('-')[number - 1] ?? '')
  await vault.addRecoveryKey(proof(), [utf8(first), utf8(second)])
  return shown
}

function byRecovery(vault: VaultApi, key: string): Promise<void> {
  return vault.unlock({ recoveryKey: utf8(key) }, {})
}

async function keyFileOf(vault: VaultApi): Promise<string> {
  return fromUtf8(await vault.newKeyFile())
}

function withFile(vault: VaultApi, keyFile: string, password = PASSWORD): Promise<void> {
  return vault.unlock({ password: utf8(password), keyFile: utf8(keyFile) }, {})
}

async function types(kit: Kit): Promise<string[]> {
  return (await kit.open().status()).slots.map(({ id, type }) => `${id} ${type}`)
}

describe('a recovery key', () => {
  it('opens the vault beside the password', async () => {
    const kit = await createUnlocked()
    await kit.vault.addCredential(credential('nas'), { password: utf8('s3cret') })
    const key = await addRecovery(kit.vault)
    expect(key).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){8}[0-9A-HJKMNP-TV-Z]{4}$/)
    const vault = kit.open()
    await byRecovery(vault, key)
    expect((await vault.listCredentials()).map(({ name }) => name)).toEqual(['nas'])
    expect([await codeOf(unlock(kit.open())), await types(kit)]).toEqual([
      null,
      ['pw1 password', 'rk1 recovery'],
    ])
  })

  it('may be typed in lower case, with blanks, and with I, L and O for 1 and 0', async () => {
    const kit = await createUnlocked()
    const key = await addRecovery(kit.vault)
    const typed = key.toLowerCase().replaceAll('-', ' ').replaceAll('1', 'l').replaceAll('0', 'o')
    expect(await codeOf(byRecovery(kit.open(), ` ${typed}\n`))).toBeNull()
  })

  it('with a typing mistake costs no attempt and no derivation', async () => {
    const kit = await createUnlocked()
    const key = await addRecovery(kit.vault)
    const derived = kit.derived.length
    const wrong = [
      key.slice(0, -1),
      `${key}0`,
      key.replace(/^./, (char) => (char === '7' ? '8' : '7')),
      key.replace(/^./, 'U'),
      '',
      'é'.repeat(200),
    ]
    const codes = await Promise.all(wrong.map((text) => codeOf(byRecovery(kit.open(), text))))
    expect([new Set(codes), kit.derived.length]).toEqual([new Set(['recovery-key-invalid']), derived])
    expect((await kit.open().status()).throttledForMs).toBe(0)
  })

  it('of another vault is refused as a wrong password is', async () => {
    const kit = await createUnlocked()
    await addRecovery(kit.vault)
    const other = await addRecovery((await createUnlocked()).vault)
    expect(await codeOf(byRecovery(kit.open(), other))).toBe('wrong-password')
  })

  it('is not stored before two groups were typed back rightly', async () => {
    const kit = await createUnlocked()
    const { key, ask } = await kit.vault.prepareRecoveryKey()
    const groups = fromUtf8(key).split('-')
    const [first = '', second = ''] = ask.map((number) => groups[number - 1] ?? '')
    const before = kit.read('vault.json')
    const attempts = [
      [second, first],
      [first, '0000'],
      ['', ''],
    ] as const
    for (const [a, b] of attempts) {
      expect(await codeOf(kit.vault.addRecoveryKey(proof(), [utf8(a), utf8(b)]))).toBe(
        'recovery-key-mistyped',
      )
    }
    expect(kit.read('vault.json')).toBe(before)
    await kit.vault.addRecoveryKey(proof(), [utf8(first), utf8(second)])
    expect(await codeOf(byRecovery(kit.open(), fromUtf8(key)))).toBeNull()
  })

  it('needs the password to be added, throttled like an unlock', async () => {
    const kit = await createUnlocked()
    const { key, ask } = await kit.vault.prepareRecoveryKey()
    const groups = fromUtf8(key).split('-')
    const typed = (): [Uint8Array, Uint8Array] => [
      utf8(groups[ask[0] - 1] ?? ''),
      utf8(groups[ask[1] - 1] ?? ''),
    ]
    const codes: unknown[] = []
    for (let n = 0; n < 4; n += 1)
      codes.push(await codeOf(kit.vault.addRecoveryKey({ password: utf8('wrong password') }, typed())))
    expect(codes).toEqual(['wrong-password', 'wrong-password', 'wrong-password', 'throttled'])
    expect(await types(kit)).toEqual(['pw1 password'])
  })

  it('made anew makes the old one useless, in the older copies too', async () => {
    const kit = await createUnlocked()
    const old = await addRecovery(kit.vault)
    await kit.vault.addCredential(credential('nas'), {})
    const next = await addRecovery(kit.vault)
    const opened: string[] = []
    for (const path of ['vault.json', 'vault.json.1', 'vault.json.2', 'vault.json.3']) {
      const bytes = kit.files.content.get(path)
      if (bytes === undefined) continue
      const other = await createKit()
      other.files.content.set('vault.json', bytes)
      if ((await codeOf(byRecovery(other.open(), old))) === null) opened.push(path)
    }
    expect([opened, await codeOf(byRecovery(kit.open(), next))]).toEqual([[], null])
  })

  it('sets a new password when the old one is lost', async () => {
    const kit = await createUnlocked()
    const key = await addRecovery(kit.vault)
    const vault = kit.open()
    await byRecovery(vault, key)
    await vault.changePassword({ recoveryKey: utf8(key) }, utf8('another long password'))
    expect([
      await codeOf(unlock(kit.open(), 'another long password')),
      await codeOf(unlock(kit.open())),
      await codeOf(byRecovery(kit.open(), key)),
    ]).toEqual([null, 'wrong-password', null])
  })

  it('is forgotten with the lock when it was not typed back', async () => {
    const kit = await createUnlocked()
    const { key } = await kit.vault.prepareRecoveryKey()
    await kit.vault.lock()
    await unlock(kit.vault)
    const group = utf8(fromUtf8(key).slice(0, 4))
    expect(await codeOf(kit.vault.addRecoveryKey(proof(), [group, group]))).toBe('bad-request')
  })

  it('can be removed, and then opens neither the vault nor a copy', async () => {
    const kit = await createUnlocked()
    const key = await addRecovery(kit.vault)
    await kit.vault.removeSlot('rk1', proof())
    expect([await codeOf(byRecovery(kit.open(), key)), await types(kit)]).toEqual([
      'slot-missing',
      ['pw1 password'],
    ])
    expect(kit.read('vault.json.1')).not.toContain('rk1')
  })

  it('is not enough for a vault: the last password stays', async () => {
    const kit = await createUnlocked()
    await addRecovery(kit.vault)
    expect(await codeOf(kit.vault.removeSlot('pw1', proof()))).toBe('last-slot')
    expect(await codeOf(kit.vault.removeSlot('xx', proof()))).toBe('unknown-name')
  })
})

describe('a key file', () => {
  it('is needed beside the password once it is set, in every copy', async () => {
    const kit = await createUnlocked()
    await kit.vault.addCredential(credential('nas'), {})
    const file = await keyFileOf(kit.vault)
    await kit.vault.setKeyFile(proof(), utf8(file))
    expect(file).toMatch(/^fernsync-keyfile-1 [A-Za-z0-9_-]{43}= [0-9a-f]{8}\n$/)
    expect([
      await codeOf(unlock(kit.open())),
      await codeOf(withFile(kit.open(), file)),
      await codeOf(withFile(kit.open(), file, 'wrong password')),
      await types(kit),
    ]).toEqual(['key-file-needed', null, 'wrong-password', ['pk1 password+keyfile']])
    expect(kit.read('vault.json.1')).not.toContain('pw1')
  })

  it('of another vault is refused as a wrong password is, and a file that is none at once', async () => {
    const kit = await createUnlocked()
    const file = await keyFileOf(kit.vault)
    await kit.vault.setKeyFile(proof(), utf8(file))
    const derived = kit.derived.length
    const broken = [
      file.replace('-1 ', '-2 '),
      file.slice(0, 40),
      '',
      `${file}x`,
      file.replace(/.\n$/, 'g\n'),
    ]
    const codes = await Promise.all(broken.map((text) => codeOf(withFile(kit.open(), text))))
    expect([new Set(codes), kit.derived.length]).toEqual([new Set(['key-file-invalid']), derived])
    expect(await codeOf(withFile(kit.open(), await keyFileOf(kit.vault)))).toBe('wrong-password')
  })

  it('with another line end is the same key file', async () => {
    const kit = await createUnlocked()
    const file = await keyFileOf(kit.vault)
    await kit.vault.setKeyFile(proof(), utf8(file))
    expect(await codeOf(withFile(kit.open(), file.replace('\n', '\r\n')))).toBeNull()
    expect(await codeOf(withFile(kit.open(), file.trim()))).toBeNull()
  })

  it('stays needed when the password changes, and can be replaced and given up', async () => {
    const kit = await createUnlocked()
    const [file, next] = [await keyFileOf(kit.vault), await keyFileOf(kit.vault)]
    await kit.vault.setKeyFile(proof(), utf8(file))
    const longer = 'another long password'
    await kit.vault.changePassword({ ...proof(), keyFile: utf8(file) }, utf8(longer))
    expect([
      await codeOf(unlock(kit.open(), longer)),
      await codeOf(withFile(kit.open(), file, longer)),
    ]).toEqual(['key-file-needed', null])
    await kit.vault.setKeyFile({ password: utf8(longer), keyFile: utf8(file) }, utf8(next))
    expect(await codeOf(withFile(kit.open(), file, longer))).toBe('wrong-password')
    await kit.vault.setKeyFile({ password: utf8(longer), keyFile: utf8(next) }, null)
    expect([await codeOf(unlock(kit.open(), longer)), await types(kit)]).toEqual([null, ['pw1 password']])
  })

  it('that is lost is overcome by the recovery key: the new password opens alone', async () => {
    const kit = await createUnlocked()
    const key = await addRecovery(kit.vault)
    await kit.vault.setKeyFile(proof(), utf8(await keyFileOf(kit.vault)))
    const vault = kit.open()
    await byRecovery(vault, key)
    await vault.changePassword({ recoveryKey: utf8(key) }, utf8('another long password'))
    expect([await codeOf(unlock(kit.open(), 'another long password')), (await types(kit)).sort()]).toEqual([
      null,
      ['pw1 password', 'rk1 recovery'],
    ])
  })

  it('given to a vault that asks for none is told', async () => {
    const kit = await createUnlocked()
    expect(await codeOf(withFile(kit.open(), await keyFileOf(kit.vault)))).toBe('slot-missing')
  })
})

describe('key derivations', () => {
  const choices: readonly KdfChoice[] = [
    { name: 'pbkdf2-hmac-sha256' },
    { name: 'scrypt' },
    { name: 'argon2id' },
    { name: 'argon2id', memoryKiB: 19_456, iterations: 2, parallelism: 1 },
    { name: 'bcrypt' },
  ]
  it.each(choices.map((kdf) => [JSON.stringify(kdf), kdf] as const))(
    '%s opens a new vault',
    async (_, kdf) => {
      const kit = await createKit()
      await kit.open().init(utf8(PASSWORD), { kdf })
      expect([await codeOf(unlock(kit.open())), await codeOf(unlock(kit.open(), 'wrong password'))]).toEqual([
        null,
        'wrong-password',
      ])
      expect((await kit.open().status()).slots[0]?.kdf).toBe(kdf.name)
    },
  )

  it('can be changed with the password, and a chosen number stays', async () => {
    const kit = await createUnlocked()
    await kit.vault.changePassword(proof(), utf8(PASSWORD), { name: 'argon2id', memoryKiB: 32_768 })
    await kit.vault.changePassword(proof(), utf8(PASSWORD))
    expect((await kit.open().status()).slots[0]?.numbers).toEqual({
      memoryKiB: 32_768,
      iterations: 3,
      parallelism: 4,
    })
  })

  it.each([
    { name: 'pbkdf2-hmac-sha256', iterations: 599_999 },
    { name: 'scrypt', logN: 16 },
    { name: 'scrypt', logN: 21 },
    { name: 'argon2id', memoryKiB: 19_455 },
    { name: 'argon2id', iterations: 1 },
    { name: 'argon2id', memoryKiB: 2_000_000 },
    { name: 'bcrypt', cost: 11 },
    { name: 'bcrypt', cost: 17 },
  ] as const)('%o is too weak or too much to be written', async (kdf) => {
    const kit = await createKit()
    expect([await codeOf(kit.open().init(utf8(PASSWORD), { kdf })), kit.derived]).toEqual(['usage', []])
  })
})
