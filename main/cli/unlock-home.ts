import { AppError } from '../model/app-error.ts'
import type { ErrorCode } from '../model/error-codes.ts'
import type { ContextParts, OpenHome } from './context.ts'
import { isPasswordGiven } from './password-source.ts'
import type { PasswordSource } from './password-source.ts'

const terminalTries = 3

export type WithPassword = { readonly home: OpenHome; readonly password: Uint8Array }

export type Unlocker = {
  /** A home with an unlocked vault; by the keychain if that is on, else by password. Asks once per command. */
  unlocked(): Promise<OpenHome>
  /** The same by password, and the password it took; the caller wipes it. */
  unlockedWithPassword(): Promise<WithPassword>
  /** Runs `use` with a password, again while a person mistypes it; `use` wipes what it is given. Unlocks nothing. */
  withPassword<T>(use: (home: OpenHome, password: Uint8Array) => Promise<T>): Promise<T>
}

type UnlockerParts = Pick<ContextParts, 'options' | 'output' | 'sleep'> & {
  readonly home: () => Promise<OpenHome>
  readonly passwords: () => PasswordSource
}

/** Unlocks one home for one command line. Throws what `VaultApi.unlock` throws, and `locked` when nobody gives a password. */
export function createUnlocker(parts: UnlockerParts): Unlocker {
  const { options, output, home, passwords } = parts
  let byAnyKey: Promise<OpenHome> | null = null
  let byPassword: Promise<WithPassword> | null = null

  async function unlock(): Promise<WithPassword> {
    const { vault } = (await home()).services
    refuseUnusable((await vault.status()).state)
    return withPassword(async (opened, password) => {
      // The vault wipes what it is given.
      const kept = password.slice()
      try {
        await opened.services.vault.unlock({ password }, { allowSlowKdf: options.allowSlowKdf })
        return { home: opened, password: kept }
      } catch (error) {
        kept.fill(0)
        throw error
      }
    })
  }

  async function withPassword<T>(use: (opened: OpenHome, password: Uint8Array) => Promise<T>): Promise<T> {
    const opened = await home()
    const from = passwords()
    let tries = from.kind === 'terminal' ? terminalTries : 1
    for (;;) {
      const password = await from.read('Master password: ')
      if (password === null) throw new AppError('locked', 'no password given')
      try {
        return await use(opened, password)
      } catch (error) {
        if (isCode(error, 'throttled') && from.kind === 'terminal') await waitOut(error, parts)
        else if (!isCode(error, 'wrong-password') || (tries -= 1) === 0) throw error
        else output.note('That password is wrong.')
      }
    }
  }

  /** Caching spares a person the question; who gives a password means that one. */
  async function unlockFromKeychain({ services }: OpenHome): Promise<boolean> {
    if (isPasswordGiven(options.passwords)) return false
    const { state, keychain } = await services.vault.status()
    if (state !== 'locked' || keychain !== 'on') return false
    const answer = await services.vault.unlockFromKeychain()
    if (answer !== 'unlocked') output.detail(`No key from the keychain: ${answer}`)
    return answer === 'unlocked'
  }

  async function unlocked(): Promise<OpenHome> {
    const opened = await home()
    if (!(await unlockFromKeychain(opened))) (await (byPassword ??= unlock())).password.fill(0)
    return opened
  }

  return {
    unlocked: () => (byAnyKey ??= unlocked()),
    unlockedWithPassword: () => (byPassword ??= unlock()),
    withPassword,
  }
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
