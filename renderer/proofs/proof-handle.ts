import type { Proof } from './proof.ts'

/** What ProofFields lets its owner do. */
export type ProofHandle = {
  /** What was typed, once; null when something is missing, which is then shown. The caller wipes it. */
  readonly take: () => Proof | null
  readonly focus: () => void
}

/** What RecoveryKeyInput lets its owner do. */
export type RecoveryInputHandle = {
  /** The key as typed, once; null when there is none, which is then shown. The caller wipes it. */
  readonly take: () => Uint8Array | null
  readonly focus: () => void
}
