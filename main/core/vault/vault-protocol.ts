import * as z from 'zod'

/** Messages between a process that hosts the vault and the one that started it. Structured-clone values both ways. */

/** Host to vault process. `args` is parsed per method by the process. */
export const VaultRequest = z.object({ id: z.int().min(1), method: z.string(), args: z.array(z.unknown()) })
export type VaultRequest = z.infer<typeof VaultRequest>

const Detail = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** Vault process to host. A list comes in several `part`s before its `result`, so that neither side stalls on 10,000 entries. */
export const VaultMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('part'), id: z.int(), items: z.array(z.unknown()) }),
  z.object({ type: z.literal('result'), id: z.int(), value: z.unknown() }),
  z.object({
    type: z.literal('error'),
    id: z.int(),
    error: z.object({ code: z.string(), message: z.string(), details: z.record(z.string(), Detail) }),
  }),
  z.object({
    type: z.literal('log'),
    level: z.enum(['info', 'warn', 'error']),
    event: z.string(),
    fields: z.record(z.string(), Detail),
  }),
])
export type VaultMessage = z.infer<typeof VaultMessage>

/** Entries of one `part`. */
export const PART_SIZE = 200
