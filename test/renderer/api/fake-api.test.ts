// @vitest-environment node
// jsdom has a Uint8Array of its own, which the schemas would not take for one.
import { describe, expect, it } from 'vitest'
import { calls, type CallName, type Input } from '../../../main/contract/calls.ts'
import { callNames } from '../../../main/contract/call-names.ts'
import { createFakeApi, type FakeScenario } from '../../../renderer/api/fake-api.ts'
import { FAKE_RECOVERY_KEY } from '../../../renderer/api/fake/fake-ways-in.ts'
import { fakeId } from '../../../renderer/api/fake/fake-data.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const password = () => ({ password: bytes('correct horse battery') })
const job = fakeId('a', 1)
const server = fakeId('c', 4)
const draft = {
  name: 'New',
  type: 'sftp',
  fields: { host: 'h', port: '22', user: 'u' },
  hostKey: null,
} as const
const token = '0'.repeat(32)

/** One good input per call; the type makes a missing one a compile error. */
const inputs: { readonly [N in CallName]: Input<N> } = {
  'app.info': undefined,
  'preferences.get': undefined,
  'preferences.set': { theme: 'dark' },
  'vault.status': undefined,
  'vault.create': { password: bytes('correct horse battery') },
  'vault.unlock': { password: bytes('correct horse battery'), allowSlowKdf: false },
  'vault.lock': { stopJobs: false },
  'vault.changePassword': { proof: password(), next: bytes('another long password'), kdf: 'argon2id' },
  'vault.enter': undefined,
  'vault.prepareRecoveryKey': undefined,
  'vault.copyRecoveryKey': { key: bytes(FAKE_RECOVERY_KEY) },
  'vault.addRecoveryKey': { proof: password(), typed: [bytes('4tev'), bytes('3GJY')] },
  'vault.removeSlot': { id: 'rk1', proof: password() },
  'vault.pickKeyFile': { title: 'Choose' },
  'vault.makeKeyFile': { title: 'Save' },
  'vault.setKeyFile': { proof: password(), keyFile: token },
  'vault.rotateKey': { proofs: [password(), { recoveryKey: bytes(FAKE_RECOVERY_KEY) }], dropSlots: [] },
  'vault.cancelRotation': undefined,
  'vault.restore': { generation: 1 },
  'vault.activity': { before: null, limit: 50, credential: null },
  'vault.check': { proof: null, repair: false, allowSlowKdf: false },
  'vault.startOver': undefined,
  'keychain.remember': { days: 30, proof: password() },
  'keychain.forget': undefined,
  'keychain.expiry': undefined,
  'settings.get': undefined,
  'settings.set': { lockOnSuspend: false },
  'credentials.types': undefined,
  'credentials.list': undefined,
  'credentials.parseTarget': { line: 'ssh mira@nas -p 2222' },
  'credentials.fetchHostKey': { draft },
  'credentials.add': { draft, secrets: { password: bytes('x') } },
  'credentials.edit': { id: server, patch: { name: 'Renamed' }, secrets: {} },
  'credentials.remove': { id: server },
  'credentials.test': { id: fakeId('c', 1) },
  'credentials.testDraft': { draft, secrets: {}, basedOn: null },
  'credentials.reveal': { id: server, field: 'password' },
  'credentials.copy': { id: server, field: 'password' },
  'credentials.revisions': { id: server },
  'credentials.restore': { id: fakeId('c', 1), rev: 3 },
  'credentials.purgeRevisions': { id: null },
  'generate.password': {},
  'generate.sshKey': { comment: '' },
  'generate.copy': { token },
  'remote.list': { credentialId: server, path: '' },
  'remote.makeFolder': { credentialId: server, path: 'new' },
  'dialogs.pickFolder': { title: 'Choose' },
  'dialogs.pickKeyFile': { title: 'Choose' },
  'dialogs.pickImportFile': { title: 'Choose' },
  'dialogs.pickExportFile': { title: 'Save', name: 'export.csv' },
  'imports.inspect': { token, format: null },
  'imports.open': {
    token,
    format: 'kdbx',
    password: bytes('file password'),
    keyFile: null,
    allowSlowKdf: false,
  },
  'imports.take': { import: token, numbers: [1] },
  'imports.close': undefined,
  'exports.vault': { token },
  'exports.plain': { token, format: 'csv', proof: password() },
  'exports.credential': { token, id: server, proof: password(), password: bytes('password of the file') },
  'jobs.list': undefined,
  'jobs.add': {
    draft: { name: 'J', credential: server, remote: 'x', mode: 'copy', direction: 'push', zone: 'UTC' },
    localToken: token,
  },
  'jobs.edit': { id: job, patch: { name: 'Renamed' }, localToken: null },
  'jobs.remove': { id: job },
  'jobs.preview': { id: job },
  'jobs.run': { id: fakeId('a', 2), approve: null },
  'jobs.cancel': { id: job },
  'jobs.pause': { forMs: null },
  'jobs.resume': undefined,
  'jobs.describeSchedule': { schedule: 'every:15m', zone: 'UTC' },
  'history.list': { jobId: null, limit: 100 },
}

async function answerOf(scenario: FakeScenario, name: CallName): Promise<unknown> {
  const ask = createFakeApi({ scenario, latencyMs: 0 }).call[name] as (input: unknown) => Promise<unknown>
  return ask(inputs[name])
}

describe('createFakeApi', () => {
  it.each(callNames)('takes and answers %s as the contract says', async (name) => {
    expect(calls[name].input.safeParse(inputs[name]).error).toBeUndefined()
    const result = await answerOf('filled', name)
    expect(result).toMatchObject({ ok: true })
    const parsed = calls[name].output.safeParse((result as { value: unknown }).value)
    expect(parsed.error).toBeUndefined()
  })

  it('refuses a call in the error scenario with a sentence and a cure', async () => {
    expect(await answerOf('error', 'jobs.list')).toMatchObject({
      ok: false,
      error: { code: 'busy', message: expect.any(String) as string, help: expect.any(String) as string },
    })
  })
})
