import type { Input } from '../../main/contract/calls.ts'
import type { VaultStatus } from '../../main/model/vault.ts'
import type { ApiError } from '../api/api-error.ts'
import { wipe } from '../api/secret-bytes.ts'
import { texts } from '../i18n/en.ts'

/** What a person gives to prove that the vault is theirs; whoever took it wipes it. */
export type Proof = Input<'vault.setKeyFile'>['proof']
/** By the master password, with the key file where one is needed. */
export type PasswordProof = Extract<Proof, { password: Uint8Array }>
export type Slots = VaultStatus['slots']

const proofCodes: readonly string[] = [
  'wrong-password',
  'throttled',
  'key-file-needed',
  'key-file-invalid',
  'password-invalid',
]

/** The password opens nothing without the key file. */
export function needsKeyFile(slots: Slots): boolean {
  return has(slots, 'password+keyfile') && !has(slots, 'password')
}

export function hasRecoveryKey(slots: Slots): boolean {
  return has(slots, 'recovery')
}

/** The slot that the master password opens; null for one of a newer program. */
export function passwordSlot(slots: Slots): Slots[number] | null {
  return slots.find(({ type }) => type === 'password' || type === 'password+keyfile') ?? null
}

export function wipeProof(proof: Proof): void {
  wipe('recoveryKey' in proof ? proof.recoveryKey : proof.password)
}

/** It is what was given that was refused, not what was asked for: the same may be tried again with another. */
export function isAboutProof({ code }: ApiError): boolean {
  return proofCodes.includes(code)
}

/** What went wrong, in words that fit what was given: a wrong pair does not say which half is wrong. */
export function proofError(error: ApiError | null, given: 'password' | 'pair' | 'recovery'): Trouble | null {
  if (error === null || error.code !== 'wrong-password' || given === 'password') return error
  return given === 'pair' ? texts.waysIn.wrongPair : texts.waysIn.wrongKey
}

export type Trouble = { readonly message: string; readonly help: string | null }

/** The derivation of a slot as people read it: `PBKDF2, 1,200,000 rounds`. */
export function derivationLine(slot: Slots[number]): string {
  const { names } = texts.waysIn.derivation
  // Rounds mean something only where they are the whole cost.
  const rounds = slot.kdf.startsWith('pbkdf2') ? slot.iterations : null
  return texts.waysIn.slot.plain(names[slot.kdf] ?? slot.kdf, rounds)
}

function has(slots: Slots, type: string): boolean {
  return slots.some((slot) => slot.type === type)
}
