import { describe, expect, it } from 'vitest'
import { fromUtf8, toBase64Url, toHex, utf8 } from '../../../../main/core/crypto/bytes.ts'
import { nodeRandom } from '../../../../main/adapters/node-random.ts'
import { deriveGrantKey, openGrant, sealGrant } from '../../../../main/core/vault/grant.ts'
import type { OpenGrant } from '../../../../main/core/vault/grant.ts'
import { SealedGrant } from '../../../../main/model/grant.ts'
import type { GrantPayload } from '../../../../main/model/grant.ts'
import { codeOf, createUnlocked, credential, job } from './kit.ts'

const DAY = 86_400_000
const agentKey = (): Uint8Array => utf8('agent key agent key agent key 32')

async function granting() {
  const kit = await createUnlocked()
  const draft = credential('nas', { fields: { host: 'h', user: 'u', keyFile: '/k' }, hostKey: 'SHA256:pin' })
  const { id } = await kit.vault.addCredential(draft, { password: utf8('s3cret'), passphrase: utf8('p') })
  const added = await kit.vault.addJob(job('photos', id))
  const options = () => ({ agentKey: agentKey(), notAfter: kit.clock.now() + DAY })
  return { ...kit, credentialId: id, jobId: added.id, options }
}

function opened(grant: SealedGrant, now: number): OpenGrant {
  return openGrant(grant, deriveGrantKey(agentKey(), grant), now)
}

function refusal(work: () => unknown): Promise<string | null> {
  return codeOf(Promise.resolve().then(work))
}

describe('grantJob', () => {
  it('gives the worker the definition, the one credential with its secrets as bytes, and the target', async () => {
    const { vault, clock, jobId, credentialId, options } = await granting()
    const sealed = SealedGrant.parse(await vault.grantJob(jobId, options()))
    const grant = opened(sealed, clock.now())
    const [definition] = await vault.listJobs()
    expect(grant).toEqual({
      job: definition,
      credential: {
        id: credentialId,
        type: 'sftp',
        fields: { host: 'h', user: 'u', keyFile: '/k' },
        secrets: { password: utf8('s3cret'), passphrase: utf8('p') },
        hostKey: 'SHA256:pin',
      },
      target: { protocol: 'sftp', host: 'h', port: '22', hostKey: 'SHA256:pin', path: 'photos' },
      planKey: grant.planKey,
      notBefore: clock.now(),
      notAfter: clock.now() + DAY,
      seq: sealed.seq,
    })
    expect([grant.planKey?.length, sealed.job, sealed.agent]).toEqual([32, jobId, await vault.deviceId()])
  })

  it('shows nothing of the credential in the sealed file', async () => {
    const { vault, jobId, options } = await granting()
    expect(Object.keys(await vault.grantJob(jobId, options())).sort()).toEqual([
      'agent',
      'id',
      'job',
      'salt',
      'seq',
      'token',
      'v',
      'vault',
    ])
  })

  it('numbers grants upward, over restarts too, and keeps the plan key of a job', async () => {
    const { vault, open, clock, jobId, options } = await granting()
    const first = await vault.grantJob(jobId, options())
    const second = await vault.grantJob(jobId, options())
    const restarted = open()
    await restarted.unlock({ password: utf8('correct horse battery') }, {})
    await clock.advance(1000)
    const third = await restarted.grantJob(jobId, options())
    expect([first.seq < second.seq, second.seq < third.seq, third.seq < 2 ** 40]).toEqual([true, true, true])
    const planKeys = [first, third].map((grant) =>
      toHex(opened(grant, clock.now()).planKey ?? new Uint8Array()),
    )
    expect(planKeys[0]).toBe(planKeys[1])
  })

  it('refuses a job of another device, one without its folder, an end in the past or beyond 90 days', async () => {
    const { vault, files, clock, jobId, options } = await granting()
    const until = (notAfter: number) => codeOf(vault.grantJob(jobId, { agentKey: agentKey(), notAfter }))
    expect([
      await until(clock.now()),
      await until(clock.now() + 90 * DAY + 1),
      await until(clock.now() + 90 * DAY),
      await codeOf(vault.grantJob(jobId, { agentKey: new Uint8Array(16), notAfter: clock.now() + 1 })),
    ]).toEqual(['bad-request', 'bad-request', null, 'bad-request'])
    files.content.delete('device/local.json')
    expect(await codeOf(vault.grantJob(jobId, options()))).toBe('root-missing')
    files.content.delete('device/device.json')
    await vault.lock()
    await vault.unlock({ password: utf8('correct horse battery') }, {})
    expect(await codeOf(vault.grantJob(jobId, options()))).toBe('other-device')
  })
})

describe('grantCredential', () => {
  it('names no job and no folder', async () => {
    const { vault, clock, credentialId, options } = await granting()
    const grant = opened(await vault.grantCredential(credentialId, options()), clock.now())
    expect([grant.job, grant.planKey, grant.target.path]).toEqual([null, null, null])
  })
})

describe('grantDraft', () => {
  const draft = credential('draft', {
    fields: { host: 'h', port: '22', user: 'other' },
    hostKey: 'SHA256:pin',
  })
  const rows: readonly [string, typeof draft, Record<string, string>][] = [
    ['lends missing secrets for the same server and pin', draft, { password: 's3cret', passphrase: 'given' }],
    [
      'lends nothing to another host',
      { ...draft, fields: { ...draft.fields, host: 'evil' } },
      { passphrase: 'given' },
    ],
    [
      'lends nothing to another port',
      { ...draft, fields: { ...draft.fields, port: '23' } },
      { passphrase: 'given' },
    ],
    ['lends nothing under another pin', { ...draft, hostKey: 'SHA256:evil' }, { passphrase: 'given' }],
    ['lends nothing without the pin', { ...draft, hostKey: null }, { passphrase: 'given' }],
  ]
  it.each(rows)('%s', async (_fact, given, expected) => {
    const { vault, clock, credentialId, options } = await granting()
    const sealed = await vault.grantDraft(
      given,
      { passphrase: utf8('given') },
      { ...options(), basedOn: credentialId },
    )
    const { secrets } = opened(sealed, clock.now()).credential
    expect(
      Object.fromEntries(Object.entries(secrets).map(([name, bytes]) => [name, fromUtf8(bytes)])),
    ).toEqual(expected)
  })
})

describe('openGrant', () => {
  const place = {
    vault: '11111111-1111-4111-8111-111111111111',
    agent: 'd0123456789abcdef',
    job: '22222222-2222-4222-8222-222222222222',
    id: '33333333-3333-4333-8333-333333333333',
  }
  const payload: GrantPayload = {
    job: null,
    credential: {
      id: place.id,
      type: 'sftp',
      fields: { host: 'h', port: '2222' },
      secrets: { password: toBase64Url(utf8('s')) },
      hostKey: null,
    },
    target: { protocol: 'sftp', host: 'h', port: '2222', hostKey: null, path: null },
    planKey: null,
    notBefore: 1_000_000_000,
    notAfter: 1_000_000_000 + DAY,
    seq: 7,
  }
  const seal = (changes: Partial<GrantPayload> = {}): SealedGrant =>
    sealGrant(agentKey(), place, { ...payload, ...changes }, nodeRandom)
  const now = payload.notBefore

  it('opens from ten minutes before its start until its end', async () => {
    const grant = seal()
    const at = (time: number) => refusal(() => opened(grant, time))
    expect([
      await at(now - 600_001),
      await at(now - 600_000),
      await at(payload.notAfter),
      await at(payload.notAfter + 1),
    ]).toEqual(['no-grant', null, null, 'no-grant'])
  })

  const target = payload.target
  it.each([
    ['another number outside than inside', { ...seal(), seq: 8 }],
    ['a life over 90 days', seal({ notAfter: now + 90 * DAY + 1 })],
    ['a target with another host', seal({ target: { ...target, host: 'evil' } })],
    ['a target with another port', seal({ target: { ...target, port: '22' } })],
    ['a target with another pin', seal({ target: { ...target, hostKey: 'SHA256:x' } })],
    ['a target with another path', seal({ target: { ...target, path: '/' } })],
    ['a target with another protocol', seal({ target: { ...target, protocol: 'ftp' } })],
    [
      'a secret that is not base64url',
      seal({ credential: { ...payload.credential, secrets: { password: '%' } } }),
    ],
    ['another job', { ...seal(), job: place.id }],
    ['another id', { ...seal(), id: place.job }],
    ['another vault', { ...seal(), vault: place.id }],
    ['another agent', { ...seal(), agent: 'dffffffffffffffff' }],
    ['another salt', { ...seal(), salt: toBase64Url(new Uint8Array(32)) }],
    ['a salt that is not base64url', { ...seal(), salt: '%' }],
    ['an id that could hide a separator', { ...seal(), id: 'a\nb' }],
    ['a token cut short', { ...seal(), token: seal().token.slice(0, -4) }],
  ])('refuses %s', async (_fact, grant) => {
    expect(await refusal(() => opened(grant, now))).toBe('no-grant')
  })

  it('refuses a grant under another agent key', async () => {
    const grant = seal()
    const other = deriveGrantKey(new Uint8Array(32), grant)
    expect(await refusal(() => openGrant(grant, other, now))).toBe('no-grant')
  })
})
