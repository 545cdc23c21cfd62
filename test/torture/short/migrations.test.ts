import { interruptedMigrations } from '../proofs/migrations.ts'
import { proveShort } from './prove-short.ts'

proveShort(interruptedMigrations)
