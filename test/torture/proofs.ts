import type { Proof } from './proof.ts'
import { contention } from './proofs/contention.ts'
import { damages } from './proofs/damage.ts'
import { faults } from './proofs/faults.ts'
import { kills } from './proofs/kills.ts'
import { replay } from './proofs/replay.ts'

/** All proofs. Number 8, the search for leaked secrets, is test/e2e/leaks.spec.ts. */
export const proofs: readonly Proof[] = [kills, replay, faults, damages, contention]
