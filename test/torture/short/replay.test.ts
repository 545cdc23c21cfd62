import { replay } from '../proofs/replay.ts'
import { proveShort } from './prove-short.ts'

proveShort(replay)
