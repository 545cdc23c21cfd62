import { contention } from '../proofs/contention.ts'
import { proveShort } from './prove-short.ts'

proveShort(contention)
