import type { Proof } from './proof.ts'
import { contention } from './proofs/contention.ts'
import { damages } from './proofs/damage.ts'
import { faults } from './proofs/faults.ts'
import { hostile } from './proofs/hostile.ts'
import { kills } from './proofs/kills.ts'
import { interruptedMigrations } from './proofs/migrations.ts'
import { python } from './proofs/python.ts'
import { replay } from './proofs/replay.ts'

/** All proofs. Number 8, the search for leaked secrets, is test/e2e/leaks.spec.ts. */
export const proofs: readonly Proof[] = [
  kills,
  replay,
  faults,
  damages,
  contention,
  hostile,
  python,
  interruptedMigrations,
]
