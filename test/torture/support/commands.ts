import { fromUtf8, utf8 } from '../../../main/core/crypto/bytes.ts'
import type { VaultApi } from '../../../main/core/vault/vault-api.ts'
import type { Way } from './contents.ts'

export const PASSWORD = 'correct horse battery'
export const NEXT_PASSWORD = 'staple battery horse'
const LEAST_ITERATIONS = 600_000

/** One command that changes a home. Replay and faults run every one of them; a new one is a new line in `commands`. */
export type Command = {
  readonly name: string
  /** What is there before: an empty home, or a vault with three sign-ins, a job and three generations. */
  readonly from: 'empty' | 'vault'
  /** Left locked before the command, for those that a locked vault takes. */
  readonly isLocked?: boolean
  /** Changes the prepared home further, before anything is recorded. */
  readonly prepare?: (vault: VaultApi) => Promise<void>
  readonly run: (vault: VaultApi) => Promise<unknown>
  /** The nth call that renames onto vault.json ends the preparation, as a kill would: for what an unlock finishes. */
  readonly interrupts?: (vault: VaultApi) => Promise<unknown>
  /** False where resolving promises no change on disk: what an unlock finishes is tried again at the next one. */
  readonly acknowledges?: boolean
  /** All ways that may ever lead in, the first of them before the command; the password unless given. */
  readonly ways?: readonly Way[]
}

const way = (name: string, proof: Way['proof']): Way => ({ name, proof })
export const byPassword = way('the password', () => ({ password: utf8(PASSWORD) }))
const byNextPassword = way('the next password', () => ({ password: utf8(NEXT_PASSWORD) }))
/** As made by the command that last ran; the same for the same seed. */
const made = { recoveryKey: '', keyFile: '' }
const byRecoveryKey = way('the recovery key', () => ({ recoveryKey: utf8(made.recoveryKey || 'none') }))
const byKeyFile = way('password and key file', () => ({
  password: utf8(PASSWORD),
  keyFile: utf8(made.keyFile),
}))

const draft = (name: string, keyFile = '') => ({
  name,
  type: 'sftp' as const,
  fields: { host: `${name}.example`, user: 'ana', ...(keyFile === '' ? {} : { keyFile }) },
  hostKey: null,
  tags: ['home'],
})

const job = (name: string, credential: string) => ({
  name,
  credential,
  local: `/home/ana/${name}`,
  remote: name,
  mode: 'copy' as const,
  direction: 'push' as const,
  schedule: 'manual',
  zone: 'Europe/Berlin',
  enabled: true,
  whenLocked: 'until-quit' as const,
  filters: [],
  maxDelete: null,
  safety: null,
})

const unlock = (vault: VaultApi, password = PASSWORD): Promise<void> =>
  vault.unlock({ password: utf8(password) }, { allowSlowKdf: true })

async function idOf(vault: VaultApi, name: string): Promise<string> {
  const all = [...(await vault.listCredentials()), ...(await vault.listJobs())]
  const found = all.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no ${name}`)
  return found.id
}

export async function initialise(vault: VaultApi): Promise<void> {
  await vault.init(utf8(PASSWORD), { iterations: LEAST_ITERATIONS })
}

/** The vault that most commands start from. Enough writes for every generation to be there. */
export async function furnish(vault: VaultApi): Promise<void> {
  await initialise(vault)
  const { id } = await vault.addCredential(draft('nas', '/home/ana/.ssh/id'), { password: utf8('first') })
  await vault.addCredential(draft('web'), { password: utf8('hunter2'), passphrase: utf8('p') })
  await vault.addCredential(draft('old'), { password: utf8('gone') })
  await vault.editCredential(id, { tags: ['home', 'work'] }, { password: utf8('second') })
  await vault.addJob(job('photos', id))
  await vault.changeSettings({ lockAfterIdleMs: 600_000 })
}

const changePassword = (vault: VaultApi): Promise<void> =>
  vault.changePassword({ password: utf8(PASSWORD) }, utf8(NEXT_PASSWORD))

async function addRecoveryKey(vault: VaultApi): Promise<void> {
  const { key, ask } = await vault.prepareRecoveryKey()
  made.recoveryKey = fromUtf8(key)
  const groups = made.recoveryKey.split('-')
  const typed = ask.map((number) => utf8(groups[number - 1] ?? ''))
  await vault.addRecoveryKey(byPassword.proof(), [typed[0] ?? utf8(''), typed[1] ?? utf8('')])
}

async function addKeyFile(vault: VaultApi): Promise<void> {
  made.keyFile = fromUtf8(await vault.newKeyFile())
  await vault.setKeyFile(byPassword.proof(), utf8(made.keyFile))
}

const rotate = (vault: VaultApi): Promise<void> =>
  vault.rotateKey({ proofs: [byPassword.proof()], dropSlots: [] })

export const commands: readonly Command[] = [
  { name: 'init', from: 'empty', isLocked: true, run: initialise },
  {
    name: 'add',
    from: 'vault',
    run: (vault) => vault.addCredential(draft('new', '/k'), { password: utf8('n') }),
  },
  {
    name: 'edit',
    from: 'vault',
    run: async (vault) =>
      vault.editCredential(
        await idOf(vault, 'nas'),
        { name: 'nas 2', fields: { keyFile: '/other' } },
        { password: utf8('third') },
      ),
  },
  { name: 'remove', from: 'vault', run: async (vault) => vault.removeCredential(await idOf(vault, 'old')) },
  {
    name: 'import',
    from: 'vault',
    run: (vault) =>
      vault.addCredentials(
        ['a', 'b', 'c', 'd', 'e'].map((name) => ({
          draft: draft(name, `/${name}`),
          secrets: { password: utf8(name) },
        })),
      ),
  },
  { name: 'settings', from: 'vault', run: (vault) => vault.changeSettings({ lockAfterIdleMs: 60_000 }) },
  {
    name: 'add job',
    from: 'vault',
    run: async (vault) => vault.addJob(job('docs', await idOf(vault, 'web'))),
  },
  {
    name: 'edit job',
    from: 'vault',
    run: async (vault) => vault.editJob(await idOf(vault, 'photos'), { local: '/mnt/photos', remote: 'p' }),
  },
  { name: 'remove job', from: 'vault', run: async (vault) => vault.removeJob(await idOf(vault, 'photos')) },
  {
    name: 'password change',
    from: 'vault',
    run: changePassword,
    ways: [byPassword, byNextPassword],
  },
  {
    name: 'purge of an interrupted password change',
    from: 'vault',
    isLocked: true,
    interrupts: changePassword,
    run: (vault) => unlock(vault, NEXT_PASSWORD),
    acknowledges: false,
    ways: [byNextPassword, byPassword],
  },
  { name: 'recovery key', from: 'vault', run: addRecoveryKey, ways: [byPassword, byRecoveryKey] },
  {
    name: 'recovery key removed',
    from: 'vault',
    prepare: addRecoveryKey,
    run: (vault) => vault.removeSlot('rk1', byPassword.proof()),
    ways: [byPassword, byRecoveryKey],
  },
  { name: 'key file', from: 'vault', run: addKeyFile, ways: [byPassword, byKeyFile] },
  {
    name: 'key file no longer needed',
    from: 'vault',
    prepare: addKeyFile,
    run: (vault) => vault.setKeyFile(byKeyFile.proof(), null),
    ways: [byKeyFile, byPassword],
  },
  { name: 'rotation', from: 'vault', run: rotate },
  {
    name: 'rotation that drops a slot',
    from: 'vault',
    prepare: addRecoveryKey,
    run: (vault) => vault.rotateKey({ proofs: [byPassword.proof()], dropSlots: ['rk1'] }),
    ways: [byPassword, byRecoveryKey],
  },
  {
    name: 'purge of an interrupted rotation',
    from: 'vault',
    isLocked: true,
    interrupts: rotate,
    run: (vault) => unlock(vault),
    acknowledges: false,
  },
  { name: 'unlock', from: 'vault', isLocked: true, run: (vault) => unlock(vault), acknowledges: false },
  { name: 'restore', from: 'vault', isLocked: true, run: (vault) => vault.restore(3) },
  {
    name: 'unlock after a restore',
    from: 'vault',
    isLocked: true,
    prepare: (vault) => vault.restore(2),
    run: (vault) => unlock(vault),
    acknowledges: false,
  },
  { name: 'start over', from: 'vault', run: (vault) => vault.setAside() },
]
