import { utf8 } from '../../../main/core/crypto/bytes.ts'
import type { VaultApi } from '../../../main/core/vault/vault-api.ts'
import { contentsOf } from './contents.ts'
import type { Seeded } from './seeded-random.ts'

/** One change of a vault, so that the process that makes it and the one that checks it mean the same. */
export type Change =
  | {
      readonly verb: 'add' | 'edit'
      readonly name: string
      readonly secret: string
      readonly keyFile: string
    }
  | { readonly verb: 'batch'; readonly names: readonly string[]; readonly secret: string }
  | { readonly verb: 'remove'; readonly name: string }
  | { readonly verb: 'settings'; readonly idleMs: number }
  | { readonly verb: 'password'; readonly current: string; readonly next: string }

/** What a vault holds, as far as changes reach. */
export type Model = {
  readonly secrets: ReadonlyMap<string, string>
  readonly idleMs: number
  readonly password: string
}

const MOST_NAMES = 8

/** The next change of a plan. `verbs` are those that its writer can make. */
export function nextChange(model: Model, verbs: readonly Change['verb'][], random: Seeded): Change {
  const names = [...model.secrets.keys()]
  const crowded = names.length > MOST_NAMES && verbs.includes('remove')
  const possible = verbs.filter((verb) => names.length > 0 || (verb !== 'edit' && verb !== 'remove'))
  const verb = crowded ? 'remove' : random.pick(possible)
  const secret = random.word(12)
  switch (verb) {
    case 'add':
      return { verb, name: `n-${random.word(10)}`, secret, keyFile: random.chance(0.5) ? `/k/${secret}` : '' }
    case 'edit':
      return { verb, name: random.pick(names), secret, keyFile: random.chance(0.5) ? `/k/${secret}` : '' }
    case 'batch':
      return { verb, names: Array.from({ length: 3 }, () => `b-${random.word(10)}`), secret }
    case 'remove':
      return { verb, name: random.pick(names) }
    case 'settings':
      return { verb, idleMs: 60_000 + random.int(1_000_000) }
    case 'password':
      return { verb, current: model.password, next: `password ${secret}` }
  }
}

export function planOf(
  model: Model,
  verbs: readonly Change['verb'][],
  length: number,
  random: Seeded,
): readonly Change[] {
  const changes: Change[] = []
  for (let state = model; changes.length < length;) {
    const change = nextChange(state, verbs, random)
    changes.push(change)
    state = after(state, change)
  }
  return changes
}

/** The model after a change. */
export function after(model: Model, change: Change): Model {
  const secrets = new Map(model.secrets)
  switch (change.verb) {
    case 'add':
    case 'edit':
      secrets.set(change.name, held(change.secret, change.keyFile))
      return { ...model, secrets }
    case 'batch':
      for (const name of change.names) secrets.set(name, held(change.secret, ''))
      return { ...model, secrets }
    case 'remove':
      secrets.delete(change.name)
      return { ...model, secrets }
    case 'settings':
      return { ...model, idleMs: change.idleMs }
    case 'password':
      return { ...model, password: change.next }
  }
}

/** Makes a change in an unlocked vault; its acknowledgement is that this resolves. */
export async function make(vault: VaultApi, change: Change): Promise<void> {
  switch (change.verb) {
    case 'add':
      await vault.addCredential(draft(change.name, change.keyFile), { password: utf8(change.secret) })
      return
    case 'edit': {
      const fields = { keyFile: change.keyFile === '' ? null : change.keyFile }
      await vault.editCredential(
        await idOf(vault, change.name),
        { fields },
        { password: utf8(change.secret) },
      )
      return
    }
    case 'batch':
      await vault.addCredentials(
        change.names.map((name) => ({ draft: draft(name, ''), secrets: { password: utf8(change.secret) } })),
      )
      return
    case 'remove':
      await vault.removeCredential(await idOf(vault, change.name))
      return
    case 'settings':
      await vault.changeSettings({ lockAfterIdleMs: change.idleMs })
      return
    case 'password':
      await vault.changePassword({ password: utf8(change.current) }, utf8(change.next))
  }
}

/** What an unlocked vault holds, as a model with this password. */
export async function modelOf(vault: VaultApi, password: string): Promise<Model> {
  const { credentials } = await contentsOf(vault)
  const { lockAfterIdleMs } = await vault.settings()
  const secrets = new Map(Object.entries(credentials).map(([name, one]) => [name, textOf(one)]))
  return { secrets, idleMs: lockAfterIdleMs ?? 0, password }
}

export function isSameModel(one: Model, other: Model): boolean {
  const text = ({ secrets, idleMs, password }: Model): string =>
    JSON.stringify([[...secrets].sort(), idleMs, password])
  return text(one) === text(other)
}

function held(secret: string, keyFile: string): string {
  return `${secret} ${keyFile}`
}

function textOf(credential: unknown): string {
  // As contentsOf has just made it.
  const { secrets, fields } = credential as {
    secrets: Record<string, string>
    fields: Record<string, string>
  }
  return held(secrets['password'] ?? '', fields['keyFile'] ?? '')
}

function draft(name: string, keyFile: string) {
  const fields = { host: 'h.example', user: 'ana', ...(keyFile === '' ? {} : { keyFile }) }
  return { name, type: 'sftp' as const, fields, hostKey: null, tags: [] }
}

async function idOf(vault: VaultApi, name: string): Promise<string> {
  const found = (await vault.listCredentials()).find((one) => one.name === name)
  if (found === undefined) throw new Error(`no ${name}`)
  return found.id
}
