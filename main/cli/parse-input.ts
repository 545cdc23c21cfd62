import type * as z from 'zod'
import { AppError } from '../model/app-error.ts'

/** Parses what was typed; throws AppError('usage') naming the first field that is wrong, never its value. */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new AppError('usage', 'invalid value', {
    details: { field: issue?.path.join('.') ?? '', why: issue?.message ?? '' },
  })
}
