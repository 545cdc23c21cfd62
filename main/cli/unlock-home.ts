import { AppError } from '../model/app-error.ts'
import type { ErrorCode } from '../model/error-codes.ts'
import type { SlotProof } from '../services/ways-in.ts'
import type { ContextParts, GlobalOptions, OpenHome } from './context.ts'
import { isPasswordGiven, readSecretFile } from './password-source.ts'
import type { PasswordSource } from './password-source.ts'

const terminalTries = 3
const longestKeyFile = 4096

/** The proof is whoever's it is given to next, who wipes it. */
export type WithProof = { readonly home: OpenHome; readonly proof: SlotProof }

export type Unlocker = {
  /** A home with an unlocked vault; by the keychain if that is on, else by password. Asks once per command. */
  unlocked(): Promise<OpenHome>
  /** The same by password, key file or recovery key, and a copy of what it took. */
  unlockedWithProof(): Promise<WithProof>
  /** Runs `use` with a proof, again while a person mistypes it; `use` wipes what it is given. Unlocks nothing. */
  withProof<T>(use: (home: OpenHome, proof: SlotProof) => Promise<T>): Promise<T>
}

type UnlockerParts = Pick<ContextParts, 'options' | 'output' | 'sleep'> & {
  readonly home: () => Promise<OpenHome>
  readonly passwords: () => PasswordSource
}

/** Unlocks one home for one command line. Throws what `VaultApi.unlock` throws, and `locked` when nobody gives a password. */
export function createUnlocker(parts: UnlockerParts): Unlocker {
  const { options, output, home, passwords } = parts
  let byAnyKey: Promise<OpenHome> | null = null
  let byProof: Promise<WithProof> | null = null

  async function unlock(): Promise<WithProof> {
    const { vault } = (await home()).services
    refuseUnusable((await vault.status()).state)
    return withProof(async (opened, proof) => {
      // The vault wipes what it is given.
      const kept = copyOf(proof)
      try {
        await opened.services.vault.unlock(proof, { allowSlowKdf: options.allowSlowKdf })
        return { home: opened, proof: kept }
      } catch (error) {
        wipeProof(kept)
        throw error
      }
    })
  }

  async function withProof<T>(use: (opened: OpenHome, proof: SlotProof) => Promise<T>): Promise<T> {
    const opened = await home()
    const from = passwords()
    let tries = from.kind === 'terminal' ? terminalTries : 1
    for (;;) {
      const given = await from.read(options.recoveryKey ? 'Recovery key: ' : 'Master password: ')
      if (given === null) throw new AppError('locked', 'no password given')
      try {
        return await use(opened, proofOf(given, options))
      } catch (error) {
        if (isCode(error, 'throttled') && from.kind === 'terminal') await waitOut(error, parts)
        else if (!isRetried(error) || (tries -= 1) === 0) throw error
        else output.note(options.recoveryKey ? 'That recovery key is wrong.' : 'That password is wrong.')
      }
    }
  }

  /** Caching spares a person the question; who gives a password means that one. */
  async function unlockFromKeychain({ services }: OpenHome): Promise<boolean> {
    if (isPasswordGiven(options.passwords) || options.recoveryKey) return false
    const { state, keychain } = await services.vault.status()
    if (state !== 'locked' || keychain !== 'on') return false
    const answer = await services.vault.unlockFromKeychain()
    if (answer !== 'unlocked') output.detail(`No key from the keychain: ${answer}`)
    return answer === 'unlocked'
  }

  async function unlocked(): Promise<OpenHome> {
    const opened = await home()
    if (!(await unlockFromKeychain(opened))) wipeProof((await (byProof ??= unlock())).proof)
    return opened
  }

  return {
    unlocked: () => (byAnyKey ??= unlocked()),
    unlockedWithProof: () => (byProof ??= unlock()),
    withProof,
  }
}

function proofOf(given: Uint8Array, { keyFile, recoveryKey }: GlobalOptions): SlotProof {
  if (recoveryKey) return { recoveryKey: given }
  if (keyFile === null) return { password: given }
  return { password: given, keyFile: readSecretFile(keyFile, longestKeyFile) }
}

function copyOf(proof: SlotProof): SlotProof {
  if ('recoveryKey' in proof) return { recoveryKey: proof.recoveryKey.slice() }
  const { password, keyFile } = proof
  return keyFile === undefined
    ? { password: password.slice() }
    : { password: password.slice(), keyFile: keyFile.slice() }
}

export function wipeProof(proof: SlotProof): void {
  for (const bytes of Object.values(proof)) bytes.fill(0)
}

function isRetried(error: unknown): error is AppError {
  return isCode(error, 'wrong-password') || isCode(error, 'recovery-key-invalid')
}

/** Says what is wrong with the vault before anybody types a password for nothing. */
export function refuseUnusable(state: string): void {
  if (state === 'no-vault') throw new AppError('no-vault', 'there is no vault')
  if (state === 'missing') throw new AppError('vault-missing', 'vault.json is missing')
  if (state === 'damaged') throw new AppError('vault-damaged', 'vault.json is damaged')
  if (state === 'newer') throw new AppError('vault-newer', 'vault.json is of a newer version')
}

function isCode(error: unknown, code: ErrorCode): error is AppError {
  return error instanceof AppError && error.code === code
}

async function waitOut(error: AppError, { output, sleep }: UnlockerParts): Promise<void> {
  const waitMs = Number(error.details['retryAfterMs'] ?? 1000)
  for (let left = Math.ceil(waitMs / 1000); left > 0; left -= 1) {
    output.note(`Too many wrong passwords. Next try in ${left} s.`)
    await sleep(1000)
  }
}
