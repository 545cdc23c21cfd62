import * as z from 'zod'
import { Bytes } from './bytes.ts'
import { CredentialType } from './credential-types.ts'
import { ImportFormat, ImportNote, ImportProblem } from './import.ts'

/** Messages between the process that reads a foreign file and the one that started it. Structured-clone values both ways. */

const Given = z.instanceof(Uint8Array).nullable()

/** One file a process. */
export const ToImportProcess = z.object({
  format: ImportFormat,
  bytes: z.instanceof(Uint8Array),
  password: Given,
  keyFile: Given,
  localUser: z.string().nullable(),
  allowSlowKdf: z.boolean(),
})
export type ToImportProcess = z.infer<typeof ToImportProcess>

/** An item as it crosses; `ImportedItem` of core/import is the same. */
export const ItemMessage = z.object({
  name: z.string(),
  type: CredentialType.nullable(),
  protocol: z.string(),
  fields: z.record(z.string(), z.string()),
  keyFile: z.string().nullable(),
  certificateFile: z.string().nullable(),
  secrets: z.record(z.string(), Bytes(0, 65_536)),
  tags: z.array(z.string()),
  expires: z.string().nullable(),
  problem: ImportProblem.nullable(),
  notes: z.array(ImportNote),
})

const Detail = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** Items come in several `part`s before `done`, so that neither side stalls on ten thousand. */
export const FromImportProcess = z.discriminatedUnion('type', [
  z.object({ type: z.literal('part'), items: z.array(ItemMessage) }),
  z.object({ type: z.literal('done') }),
  z.object({
    type: z.literal('failed'),
    error: z.object({ code: z.string(), message: z.string(), details: z.record(z.string(), Detail) }),
  }),
])
export type FromImportProcess = z.infer<typeof FromImportProcess>

/** Items of one `part`. */
export const ITEMS_PER_PART = 200
