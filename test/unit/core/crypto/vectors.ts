import { readFileSync } from 'node:fs'
import type * as z from 'zod'

/** Reads a file of test/fixtures/vectors with its schema, so that a renamed field fails the test instead of passing it. */
export function readVectors<T extends z.ZodType>(path: string, schema: T): z.infer<T> {
  const file = new URL(`../../../fixtures/vectors/${path}`, import.meta.url)
  return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
}
