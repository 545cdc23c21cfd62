import type { PasswordProof } from './proof.ts'

/** What ProofFields lets its owner do. */
export type ProofHandle = {
  /** What was typed, once; null when something is missing, which is then shown. The caller wipes it. */
  readonly take: () => PasswordProof | null
  /** The same without emptying the field, for a form that may be sent again. */
  readonly read: () => PasswordProof | null
  /** Goes to what is missing. */
  readonly focus: () => void
}

/** What RecoveryKeyInput lets its owner do. */
export type RecoveryInputHandle = {
  /** The key as typed, once; null when there is none, which is then shown. The caller wipes it. */
  readonly take: () => Uint8Array | null
  readonly focus: () => void
}
