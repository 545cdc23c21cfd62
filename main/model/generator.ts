import * as z from 'zod'

/** What a generated password may consist of. At least one class must be chosen; each chosen one occurs. */
export const PasswordRules = z
  .object({
    length: z.int().min(12).max(128).default(20),
    lower: z.boolean().default(true),
    upper: z.boolean().default(true),
    digits: z.boolean().default(true),
    symbols: z.boolean().default(true),
    /** False leaves out characters that are mistaken for one another: I l 1 | O 0 o. */
    lookAlikes: z.boolean().default(true),
  })
  .refine(({ lower, upper, digits, symbols }) => lower || upper || digits || symbols, {
    message: 'no class is chosen',
  })
export type PasswordRules = z.infer<typeof PasswordRules>

/** Comment of a generated key, as it ends the public line: one line, no control characters. */
export const KeyComment = z
  .string()
  .max(200)
  .regex(/^\P{Cc}*$/u)
