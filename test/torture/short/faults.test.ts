import { faults } from '../proofs/faults.ts'
import { proveShort } from './prove-short.ts'

proveShort(faults)
