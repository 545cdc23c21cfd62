import * as z from 'zod'
import type { ImportBudget } from './import-budget.ts'
import { MAX_IMPORT_ITEMS } from './import-budget.ts'
import { refusedFile } from './import-errors.ts'
import { decodeImport } from './import-text.ts'
import { readJson } from './scheme1.ts'
import { sealedRow } from './sealed-row.ts'
import type { SealedRow } from './sealed-row.ts'

const Portable = z.object({
  v: z.literal(0),
  kdf: z.object({ name: z.string(), salt: z.string(), iterations: z.union([z.number(), z.string()]) }),
  token: z.string(),
})

/**
 * One portable credential, or an array of them: `{"v":0,"kdf":{"name","salt","iterations"},"token"}`, the token a Fernet token
 * under PBKDF2 of a password of its own. Throws AppError('import-unreadable') for anything else.
 */
export function readPortable(bytes: Uint8Array, budget: ImportBudget): readonly SealedRow[] {
  const value = readJson(decodeImport(bytes))
  const all: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (all.length > MAX_IMPORT_ITEMS) throw refusedFile(`more than ${MAX_IMPORT_ITEMS} entries`)
  return all.map((one) => {
    budget.step()
    const parsed = Portable.safeParse(one)
    if (!parsed.success) throw refusedFile('it is not a portable credential of version 0')
    const { kdf, token } = parsed.data
    return sealedRow({}, { algorithm: kdf.name, iterations: kdf.iterations, salt: kdf.salt, token })
  })
}
