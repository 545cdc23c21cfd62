import { createImportBudget } from '../../main/core/import/import-budget.ts'
import { readImport } from '../../main/core/import/read-import.ts'
import type { Importer } from '../../main/core/ports/importer.ts'
import { openParts } from '../../main/import-process/read-for-parent.ts'

/** What the import process does, in this one. */
export const inProcessImporter: Importer = {
  read({ format, bytes, password, keyFile, localUser, allowSlowKdf }) {
    const monotonic = (): number => performance.now()
    const ports = { monotonic, yieldToLoop: () => new Promise<void>((resolve) => setImmediate(resolve)) }
    const context = { budget: createImportBudget(monotonic), password, keyFile, localUser }
    return readImport(format, bytes, context, openParts(ports, allowSlowKdf))
  },
}
