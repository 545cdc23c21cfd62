import { damages } from '../proofs/damage.ts'
import { proveShort } from './prove-short.ts'

proveShort(damages)
