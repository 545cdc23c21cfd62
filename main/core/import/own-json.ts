import * as z from 'zod'
import { refusedFile } from './import-errors.ts'
import { decodeImport } from './import-text.ts'
import { toItem } from './imported-item.ts'
import type { ImportReader } from './imported-item.ts'
import { ownCredentialEntry, OwnCredentialText } from './own-credential.ts'
import { readJson } from './scheme1.ts'

export const OWN_JSON_FORMAT = 'fernsync-export'
const Export = z.object({
  format: z.literal(OWN_JSON_FORMAT),
  version: z.literal(1),
  credentials: z.array(z.unknown()),
})

/** Our own export as JSON, word for word. Throws AppError('import-unreadable'). */
export const readOwnJson: ImportReader = (bytes, { budget }) => {
  const file = Export.safeParse(readJson(decodeImport(bytes)))
  if (!file.success) throw refusedFile('it is not an export of Fernsync')
  return file.data.credentials.map((one) => {
    budget.step()
    const found = OwnCredentialText.safeParse(one)
    return toItem(
      found.success ? ownCredentialEntry(found.data) : { protocol: 'generic', problem: 'bad-entry' },
      budget,
    )
  })
}
