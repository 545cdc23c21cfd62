import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../../main/core/crypto/bytes.ts'
import type { CredentialPatch } from '../../../../main/model/credential.ts'
import { codeOf, createKit, createUnlocked, credential, job, PASSWORD, unlock } from './kit.ts'

describe('createVault', () => {
  it('starts without a vault, makes one, and leaves it unlocked', async () => {
    const kit = await createKit()
    const vault = kit.open()
    const before = await vault.status()
    await vault.init(utf8(PASSWORD), {})
    expect([before.state, (await vault.status()).state]).toEqual(['no-vault', 'unlocked'])
  })

  it('writes at least 1,200,000 iterations, more on a quick machine, and what a person asks for', async () => {
    const iterationsFor = async (
      estimateMs: number,
      iterations?: number,
    ): Promise<number | null | undefined> => {
      const kit = await createKit({ estimateMs: () => Promise.resolve(estimateMs) })
      const vault = kit.open()
      await vault.init(utf8(PASSWORD), iterations === undefined ? {} : { iterations })
      return (await vault.status()).slots[0]?.iterations
    }
    expect([
      await iterationsFor(2000),
      await iterationsFor(125),
      await iterationsFor(1),
      await iterationsFor(250, 600_000),
    ]).toEqual([1_200_000, 2_400_000, 10_000_000, 600_000])
  })

  it.each([599_999, 10_000_001, 700_000.5])('refuses %d iterations', async (iterations) => {
    const kit = await createKit()
    expect(await codeOf(kit.open().init(utf8(PASSWORD), { iterations }))).toBe('usage')
    expect([...kit.files.content.keys()]).toEqual([])
  })

  it('refuses to make a second vault, and one where a vault went missing', async () => {
    const kit = await createUnlocked()
    const other = kit.open()
    const second = await codeOf(other.init(utf8(PASSWORD), {}))
    kit.files.content.delete('vault.json')
    const missing = await codeOf(other.init(utf8(PASSWORD), {}))
    expect([second, missing, (await other.status()).state]).toEqual([
      'vault-exists',
      'vault-missing',
      'missing',
    ])
  })

  it('calls a home with device.json and nothing else missing, never new', async () => {
    const kit = await createUnlocked()
    for (const path of ['vault.json', 'vault.json.1', 'vault.json.2', 'vault.json.3'])
      kit.files.content.delete(path)
    const vault = kit.open()
    expect([
      (await vault.status()).state,
      await codeOf(unlock(vault)),
      await codeOf(vault.init(utf8(PASSWORD), {})),
    ]).toEqual(['missing', 'vault-missing', 'vault-missing'])
  })

  it('answers locked to every call that needs a key, and the status without one', async () => {
    const { vault } = await createUnlocked()
    await vault.lock()
    const options = { agentKey: new Uint8Array(32), notAfter: 1 }
    const codes = await Promise.all(
      [
        vault.changePassword({ password: utf8(PASSWORD) }, utf8(PASSWORD)),
        vault.exportCacheableKey(),
        vault.settings(),
        vault.changeSettings({}),
        vault.listCredentials(),
        vault.addCredential(credential('a'), {}),
        vault.editCredential('a', {}, {}),
        vault.removeCredential('a'),
        vault.revealSecret('a', 'password'),
        vault.listRevisions('a'),
        vault.revealRevision('a', 1, 'password'),
        vault.restoreRevision('a', 1),
        vault.purgeRevisions(null),
        vault.listJobs(),
        vault.addJob(job('a', 'b')),
        vault.editJob('a', {}),
        vault.removeJob('a'),
        vault.deviceLabels(),
        vault.grantJob('a', options),
        vault.grantCredential('a', options),
        vault.grantDraft(credential('a'), {}, options),
      ].map(codeOf),
    )
    expect([new Set(codes), (await vault.status()).state]).toEqual([new Set(['locked']), 'locked'])
  })

  it('writes nothing while it is locked', async () => {
    const kit = await createUnlocked()
    await kit.vault.lock()
    const before = kit.read('vault.json')
    await codeOf(kit.vault.addCredential(credential('a'), {}))
    await kit.vault.status()
    expect(kit.read('vault.json')).toBe(before)
  })

  it('does not become unlocked by an unlock that a lock overtook', async () => {
    const { vault } = await createUnlocked()
    await vault.lock()
    const unlocking = unlock(vault)
    const during = (await vault.status()).state
    await vault.lock()
    expect([during, await codeOf(unlocking), (await vault.status()).state]).toEqual([
      'unlocking',
      'locked',
      'locked',
    ])
  })

  it('wipes every byte array it is given, whether the call succeeds or not', async () => {
    const { vault } = await createUnlocked()
    const given = [
      utf8(PASSWORD),
      utf8('wrong password'),
      utf8('s3cret'),
      utf8('agent-key-agent-key-agent-key-32'),
    ]
    const [right, wrong, secret, agentKey] = given
    if (!right || !wrong || !secret || !agentKey) throw new Error('unreachable')
    await codeOf(vault.unlock({ password: wrong }, {}))
    await vault.unlock({ password: right }, {})
    const { id } = await vault.addCredential(credential('nas'), { password: secret })
    await codeOf(vault.grantCredential(id, { agentKey, notAfter: 0 }))
    expect(given.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true)
  })

  it('keeps a secret byte for byte, a byte-order mark and decomposed letters included', async () => {
    const { vault } = await createUnlocked()
    const secret = '\uFEFFpa\u0308ss\r\n '
    const { id } = await vault.addCredential(credential('nas'), { password: utf8(secret) })
    expect(fromUtf8(await vault.revealSecret(id, 'password'))).toBe(secret)
  })

  it('refuses a secret that is not UTF-8, and a name that is taken in another case', async () => {
    const { vault } = await createUnlocked()
    await vault.addCredential(credential('Nas Straße'), {})
    expect([
      await codeOf(vault.addCredential(credential('x'), { password: Uint8Array.of(0xff) })),
      await codeOf(vault.addCredential(credential('NAS STRASSE'), {})),
      (await vault.listCredentials()).map(({ name }) => name),
    ]).toEqual(['bad-request', 'name-taken', ['Nas Straße']])
  })

  it('shows names of secrets in lists and values only when asked for one', async () => {
    const { vault } = await createUnlocked()
    const draft = credential('nas', { tags: ['home'], hostKey: 'SHA256:abc' })
    const { id } = await vault.addCredential(draft, { password: utf8('s3cret'), passphrase: utf8('') })
    const [listed] = await vault.listCredentials()
    expect(listed).toEqual({
      id,
      rev: 1,
      ...draft,
      secrets: ['password'],
      expires: null,
      needsSignInHere: false,
      lastUsed: null,
      usedBy: [],
      created: '2026-01-02T03:04:05.000Z',
      changed: '2026-01-02T03:04:05.000Z',
      blocked: null,
    })
    expect(await codeOf(vault.revealSecret(id, 'passphrase'))).toBe('unknown-name')
    expect(await codeOf(vault.revealSecret(id, 'toString'))).toBe('unknown-name')
  })

  it('refuses to remove a credential that a job uses, and names the job', async () => {
    const { vault } = await createUnlocked()
    const { id } = await vault.addCredential(credential('nas'), {})
    const added = await vault.addJob(job('photos', id))
    await expect(vault.removeCredential(id)).rejects.toMatchObject({
      code: 'in-use',
      details: { jobs: 'photos' },
    })
    await vault.removeJob(added.id)
    await vault.removeCredential(id)
    expect(await vault.listCredentials()).toEqual([])
  })

  it('gives a job this device and keeps its local folder out of vault.json', async () => {
    const kit = await createUnlocked()
    const { id } = await kit.vault.addCredential(
      credential('nas', { fields: { host: 'h', keyFile: '/k' } }),
      {},
    )
    const added = await kit.vault.addJob(job('photos', id))
    const device = await kit.vault.deviceId()
    const [listed] = await kit.vault.listJobs()
    expect([listed?.device, listed?.local, await kit.vault.deviceLabels()]).toEqual([
      device,
      '/home/ana/photos',
      { [device ?? '']: 'desk' },
    ])
    await kit.vault.editJob(added.id, { local: '/other', schedule: '@daily' })
    const [edited] = await kit.vault.listJobs()
    expect([edited?.local, edited?.schedule, edited?.rev]).toEqual(['/other', '@daily', 2])

    // Without this device's data the vault still opens; what was only here is unknown.
    kit.files.content.delete('device/local.json')
    expect((await kit.vault.listJobs()).map(({ local }) => local)).toEqual([''])
    expect((await kit.vault.listCredentials()).map(({ fields }) => fields)).toEqual([{ host: 'h' }])
  })

  it('refuses a job of a credential that does not exist', async () => {
    const { vault } = await createUnlocked()
    expect(await codeOf(vault.addJob(job('photos', 'b5a1c3f2-0000-4000-8000-000000000000')))).toBe(
      'unknown-name',
    )
  })

  it('keeps settings in the vault and leaves out what a patch does not name', async () => {
    const { vault } = await createUnlocked()
    const defaults = await vault.settings()
    await vault.changeSettings({ lockAfterIdleMs: null })
    await vault.changeSettings({ lockOnSuspend: false })
    await vault.lock()
    await unlock(vault)
    expect(await vault.settings()).toEqual({ ...defaults, lockAfterIdleMs: null, lockOnSuspend: false })
  })

  it('writes no host, user, name, secret or local path in clear', async () => {
    const kit = await createUnlocked()
    const draft = credential('canary-name', {
      fields: { host: 'canary-host', user: 'canary-user', keyFile: '/canary-key' },
    })
    const { id } = await kit.vault.addCredential(draft, { password: utf8('canary-secret') })
    await kit.vault.addJob(job('canary-job', id, { local: '/canary-local', remote: 'canary-remote' }))
    const all = [...kit.files.content.keys()].map(kit.read).join('\n') + JSON.stringify(kit.lines)
    expect(all.match(/canary[a-z-]*/g)).toBeNull()
  })
})

describe('VaultApi.editCredential', () => {
  const draft = credential('nas', { fields: { host: 'a', user: 'u' }, hostKey: 'SHA256:old' })
  const rows: readonly [string, Parameters<typeof edited>[0], Awaited<ReturnType<typeof edited>>][] = [
    [
      'keeps secrets and pin when only the name changes',
      { patch: { name: 'x' } },
      ['SHA256:old', ['password']],
    ],
    ['keeps them when the user changes', { patch: { fields: { user: 'v' } } }, ['SHA256:old', ['password']]],
    [
      'keeps them when the default port is written out',
      { patch: { fields: { port: '22' } } },
      ['SHA256:old', ['password']],
    ],
    ['drops both when the host changes', { patch: { fields: { host: 'b' } } }, [null, []]],
    ['drops both when the port changes', { patch: { fields: { port: '2222' } } }, [null, []]],
    ['drops secrets when the pin is replaced', { patch: { hostKey: 'SHA256:new' } }, ['SHA256:new', []]],
    ['drops secrets when the pin is taken away', { patch: { hostKey: null } }, [null, []]],
    [
      'takes what is given again in the same call',
      { patch: { fields: { host: 'b' }, hostKey: 'SHA256:new' }, secrets: { passphrase: 'p' } },
      ['SHA256:new', ['passphrase']],
    ],
    ['removes a secret that is named', { patch: { removeSecrets: ['password'] } }, ['SHA256:old', []]],
    [
      'adds a secret beside the others',
      { patch: {}, secrets: { passphrase: 'p' } },
      ['SHA256:old', ['passphrase', 'password']],
    ],
  ]

  async function edited(change: {
    patch: CredentialPatch
    secrets?: Record<string, string>
  }): Promise<[string | null | undefined, string[] | undefined]> {
    const { vault } = await createUnlocked()
    const { id } = await vault.addCredential(draft, { password: utf8('s3cret') })
    const secrets = Object.entries(change.secrets ?? {}).map(([name, text]) => [name, utf8(text)] as const)
    await vault.editCredential(id, change.patch, Object.fromEntries(secrets))
    const [after] = await vault.listCredentials()
    return [after?.hostKey, after?.secrets]
  }

  it.each(rows)('%s', async (_fact, change, expected) => {
    expect(await edited(change)).toEqual(expected)
  })

  it('keeps the secrets when a pin is set for the first time', async () => {
    const { vault } = await createUnlocked()
    const { id } = await vault.addCredential(credential('nas'), { password: utf8('s3cret') })
    await vault.editCredential(id, { hostKey: 'SHA256:first' }, {})
    const [after] = await vault.listCredentials()
    expect([after?.hostKey, after?.secrets]).toEqual(['SHA256:first', ['password']])
  })

  it('unsets a field given as null, one of this device included', async () => {
    const { vault } = await createUnlocked()
    const { id } = await vault.addCredential(
      credential('nas', { fields: { host: 'h', keyFile: '/k', user: 'u' } }),
      {},
    )
    await vault.editCredential(id, { fields: { keyFile: null, user: null } }, {})
    expect((await vault.listCredentials()).map(({ fields }) => fields)).toEqual([{ host: 'h' }])
  })
})
