import { python } from '../proofs/python.ts'
import { proveShort } from './prove-short.ts'

proveShort(python)
