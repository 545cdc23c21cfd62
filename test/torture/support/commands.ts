import { utf8 } from '../../../main/core/crypto/bytes.ts'
import type { VaultApi } from '../../../main/core/vault/vault-api.ts'

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
  /** Passwords that may open the home at any moment. */
  readonly passwords?: readonly string[]
}

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
  vault.changePassword(utf8(PASSWORD), utf8(NEXT_PASSWORD))

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
    passwords: [PASSWORD, NEXT_PASSWORD],
  },
  {
    name: 'purge of an interrupted password change',
    from: 'vault',
    isLocked: true,
    interrupts: changePassword,
    run: (vault) => unlock(vault, NEXT_PASSWORD),
    acknowledges: false,
    passwords: [NEXT_PASSWORD],
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
