import { isDeepStrictEqual } from 'node:util'
import { fromUtf8, utf8 } from '../../../main/core/crypto/bytes.ts'
import type { VaultApi } from '../../../main/core/vault/vault-api.ts'

/** Everything that a person can see in a vault, as plain values. */
export type Contents = {
  readonly credentials: Readonly<Record<string, unknown>>
  readonly jobs: Readonly<Record<string, unknown>>
  readonly settings: unknown
}

/** Reads all there is, every secret included, from an unlocked vault. */
export async function contentsOf(vault: VaultApi): Promise<Contents> {
  const credentials: Record<string, unknown> = {}
  for (const { id, name, rev, fields, tags, hostKey, secrets: names } of await vault.listCredentials()) {
    const secrets: Record<string, string> = {}
    for (const field of names) secrets[field] = fromUtf8(await vault.revealSecret(id, field))
    credentials[name] = { rev, fields, tags, hostKey, secrets }
  }
  const jobs: Record<string, unknown> = {}
  for (const { name, local, remote, filters } of await vault.listJobs())
    jobs[name] = { local, remote, filters }
  return { credentials, jobs, settings: await vault.settings() }
}

/** What a home shows to somebody who starts the program: whether there is a vault, which password opens it, what it holds. */
export type Seen =
  | { readonly state: 'no-vault' }
  | { readonly state: 'open'; readonly password: string; readonly contents: Contents }
  | { readonly state: 'lost'; readonly why: string }

/** Opens the vault with the first of the passwords that fits and reads everything. Never throws. */
export async function look(open: () => VaultApi, passwords: readonly string[]): Promise<Seen> {
  const vault = open()
  try {
    if ((await vault.status()).state === 'no-vault') return { state: 'no-vault' }
    for (const password of passwords) {
      if (!(await opens(vault, password))) continue
      return { state: 'open', password, contents: await contentsOf(vault) }
    }
    return { state: 'lost', why: 'no password opens it' }
  } catch (error) {
    return { state: 'lost', why: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
  } finally {
    await vault.lock()
  }
}

/** False for a wrong password; anything else that keeps the vault shut is thrown. */
export async function opens(vault: VaultApi, password: string): Promise<boolean> {
  try {
    await vault.unlock({ password: utf8(password) }, { allowSlowKdf: true })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'wrong-password') return false
    throw error
  }
}

export function isSame(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(one, other)
}

/** What was seen, short enough for a sentence about a failure. */
export function brief(seen: Seen): string {
  if (seen.state !== 'open') return seen.state === 'lost' ? `lost (${seen.why})` : 'no vault'
  const { password, contents } = seen
  return `opens with "${password}", holds ${Object.keys(contents.credentials).join(', ')}; ${Object.keys(contents.jobs).join(', ')}`
}
