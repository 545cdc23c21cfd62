import { hostile } from '../proofs/hostile.ts'
import { proveShort } from './prove-short.ts'

proveShort(hostile)
