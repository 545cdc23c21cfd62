import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../../main/core/crypto/bytes.ts'
import type { VaultApi } from '../../../../main/core/vault/vault-api.ts'
import { nameKey } from '../../../../main/model/ids.ts'
import { codeOf, createUnlocked, credential, unlock } from './kit.ts'
import type { Kit } from './kit.ts'

/** What the vault should hold, by name; and the processes on it. */
type Model = { readonly secrets: Map<string, string>; isUnlocked: boolean }
type Real = { readonly kit: Kit; vault: VaultApi }

const names = fc.constantFrom('nas', 'NAS', 'web', 'büro', 'BÜRO', '日本', 'web 2')
const secrets = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })

function taken(model: Model, name: string, self: string | null): boolean {
  return [...model.secrets.keys()].some((other) => other !== self && nameKey(other) === nameKey(name))
}

async function idOf(vault: VaultApi, name: string): Promise<string> {
  return (await vault.listCredentials()).find((listed) => listed.name === name)?.id ?? 'none'
}

class Add implements fc.AsyncCommand<Model, Real> {
  readonly name: string
  readonly secret: string
  constructor(name: string, secret: string) {
    this.name = name
    this.secret = secret
  }
  check = (): boolean => true
  async run(model: Model, { vault }: Real): Promise<void> {
    const code = await codeOf(vault.addCredential(credential(this.name), { password: utf8(this.secret) }))
    if (!model.isUnlocked) return expect(code).toBe('locked')
    if (taken(model, this.name, null)) return expect(code).toBe('name-taken')
    expect(code).toBeNull()
    model.secrets.set(this.name, this.secret)
  }
  toString = (): string => `add(${this.name})`
}

class Edit implements fc.AsyncCommand<Model, Real> {
  readonly from: string
  readonly to: string
  readonly secret: string
  constructor(from: string, to: string, secret: string) {
    this.from = from
    this.to = to
    this.secret = secret
  }
  check = ({ isUnlocked, secrets: held }: Readonly<Model>): boolean => isUnlocked && held.has(this.from)
  async run(model: Model, { vault }: Real): Promise<void> {
    const id = await idOf(vault, this.from)
    const code = await codeOf(vault.editCredential(id, { name: this.to }, { password: utf8(this.secret) }))
    if (taken(model, this.to, this.from)) return expect(code).toBe('name-taken')
    expect(code).toBeNull()
    model.secrets.delete(this.from)
    model.secrets.set(this.to, this.secret)
  }
  toString = (): string => `edit(${this.from} -> ${this.to})`
}

class Remove implements fc.AsyncCommand<Model, Real> {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
  check = ({ isUnlocked }: Readonly<Model>): boolean => isUnlocked
  async run(model: Model, { vault }: Real): Promise<void> {
    const code = await codeOf(vault.removeCredential(await idOf(vault, this.name)))
    expect(code).toBe(model.secrets.delete(this.name) ? null : 'unknown-name')
  }
  toString = (): string => `remove(${this.name})`
}

class Lock implements fc.AsyncCommand<Model, Real> {
  check = (): boolean => true
  async run(model: Model, { vault }: Real): Promise<void> {
    await vault.lock()
    model.isUnlocked = false
  }
  toString = (): string => 'lock'
}

class Unlock implements fc.AsyncCommand<Model, Real> {
  check = ({ isUnlocked }: Readonly<Model>): boolean => !isUnlocked
  async run(model: Model, { vault }: Real): Promise<void> {
    await unlock(vault)
    model.isUnlocked = true
  }
  toString = (): string => 'unlock'
}

class Restart implements fc.AsyncCommand<Model, Real> {
  check = (): boolean => true
  run(model: Model, real: Real): Promise<void> {
    real.vault = real.kit.open()
    model.isUnlocked = false
    return Promise.resolve()
  }
  toString = (): string => 'restart'
}

class Compare implements fc.AsyncCommand<Model, Real> {
  check = ({ isUnlocked }: Readonly<Model>): boolean => isUnlocked
  async run(model: Model, { vault }: Real): Promise<void> {
    const held: [string, string][] = []
    for (const { id, name } of await vault.listCredentials()) {
      held.push([name, fromUtf8(await vault.revealSecret(id, 'password'))])
    }
    expect(new Map(held)).toEqual(model.secrets)
  }
  toString = (): string => 'compare'
}

describe('createVault', () => {
  it('holds what a map would hold after any sequence of changes, locks and restarts', async () => {
    const commands = [
      fc.tuple(names, secrets).map(([name, secret]) => new Add(name, secret)),
      fc.tuple(names, names, secrets).map(([from, to, secret]) => new Edit(from, to, secret)),
      names.map((name) => new Remove(name)),
      fc.constant(new Lock()),
      fc.constant(new Unlock()),
      fc.constant(new Restart()),
      fc.constant(new Compare()),
    ]
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 30 }), async (sequence) => {
        const kit = await createUnlocked()
        const setup = () => ({
          model: { secrets: new Map<string, string>(), isUnlocked: true },
          real: { kit, vault: kit.vault },
        })
        await fc.asyncModelRun(setup, sequence)
      }),
      { numRuns: 40 },
    )
  }, 60_000)
})
