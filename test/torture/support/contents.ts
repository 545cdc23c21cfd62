import { isDeepStrictEqual } from 'node:util'
import { fromUtf8 } from '../../../main/core/crypto/bytes.ts'
import type { SlotProof, VaultApi } from '../../../main/core/vault/vault-api.ts'

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

/** A way into a vault: what a person has at hand. */
export type Way = { readonly name: string; readonly proof: () => SlotProof }

/** What a home shows to somebody who starts the program: whether there is a vault, which ways lead in, what it holds. */
export type Seen =
  | { readonly state: 'no-vault' }
  | { readonly state: 'open'; readonly ways: readonly string[]; readonly contents: Contents }
  | { readonly state: 'lost'; readonly why: string }

/** Tries every way in and reads everything. Never throws. */
export async function look(open: () => VaultApi, ways: readonly Way[]): Promise<Seen> {
  const vault = open()
  try {
    if ((await vault.status()).state === 'no-vault') return { state: 'no-vault' }
    const opened: string[] = []
    let contents: Contents | null = null
    for (const way of ways) {
      if (!(await opens(vault, way))) continue
      opened.push(way.name)
      contents ??= await contentsOf(vault)
      await vault.lock()
    }
    return contents === null
      ? { state: 'lost', why: 'no way leads in' }
      : { state: 'open', ways: opened, contents }
  } catch (error) {
    return { state: 'lost', why: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
  } finally {
    await vault.lock()
  }
}

const NO_WAY = new Set<unknown>(['wrong-password', 'slot-missing'])

/** False for what opens no slot; anything else that keeps the vault shut is thrown. */
export async function opens(vault: VaultApi, { proof }: Way): Promise<boolean> {
  try {
    await vault.unlock(proof(), { allowSlowKdf: true })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && NO_WAY.has(error.code)) return false
    throw error
  }
}

export function isSame(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(one, other)
}

/** What was seen, short enough for a sentence about a failure. */
export function brief(seen: Seen): string {
  if (seen.state !== 'open') return seen.state === 'lost' ? `lost (${seen.why})` : 'no vault'
  const { ways, contents } = seen
  return `opens with ${ways.join(' and ')}, holds ${Object.keys(contents.credentials).join(', ')}; ${Object.keys(contents.jobs).join(', ')}`
}
