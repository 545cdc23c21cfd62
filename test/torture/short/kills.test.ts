import { kills } from '../proofs/kills.ts'
import { proveShort } from './prove-short.ts'

proveShort(kills)
