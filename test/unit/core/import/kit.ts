import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzip } from '../../../../main/adapters/gunzip.ts'
import { fromUtf8, utf8 } from '../../../../main/core/crypto/bytes.ts'
import { pbkdf2HmacSha256 } from '../../../../main/core/crypto/pbkdf2.ts'
import type { Pbkdf2Input } from '../../../../main/core/crypto/pbkdf2.ts'
import { stretch } from '../../../../main/core/crypto/stretch.ts'
import type { Stretch } from '../../../../main/core/crypto/stretch.ts'
import { createImportBudget } from '../../../../main/core/import/import-budget.ts'
import type { ImportContext, ImportedItem } from '../../../../main/core/import/imported-item.ts'
import type { OpenParts } from '../../../../main/core/import/open-rows.ts'
import { AppError } from '../../../../main/model/app-error.ts'

/** A sample as its program wrote it: test/fixtures/import. */
export function sample(name: string): Uint8Array {
  return Uint8Array.from(readFileSync(join(import.meta.dirname, '../../../fixtures/import', name)))
}

export function context(
  changes: { password?: string; keyFile?: Uint8Array; localUser?: string } = {},
): ImportContext {
  return {
    budget: createImportBudget(() => performance.now()),
    password: changes.password === undefined ? null : utf8(changes.password),
    keyFile: changes.keyFile ?? null,
    localUser: changes.localUser ?? null,
  }
}

/** Opening with real derivations, which are counted. */
export function opener(
  changes: Partial<OpenParts> = {},
): OpenParts & { readonly derived: Pbkdf2Input[]; readonly stretched: Stretch[] } {
  const derived: Pbkdf2Input[] = []
  const stretched: Stretch[] = []
  return {
    derived,
    stretched,
    estimateStretchMs: () => Promise.resolve(0),
    gunzip,
    estimateMs: () => Promise.resolve(0),
    pacer: { rest: () => null, turn: () => Promise.resolve() },
    allowSlowKdf: false,
    ...changes,
    derive(input) {
      derived.push(input)
      return (changes.derive ?? pbkdf2HmacSha256)(input)
    },
    stretch(input) {
      stretched.push(input)
      return (changes.stretch ?? stretch)(input)
    },
  }
}

/** An item in short: secrets as texts, what a person wrote as `written`. */
export function brief({ name, protocol, fields, keyFile, secrets, tags, problem, notes }: ImportedItem) {
  const texts = Object.fromEntries(
    Object.entries(secrets).map(([field, bytes]) => [field === 'notes' ? 'written' : field, fromUtf8(bytes)]),
  )
  return {
    name,
    protocol,
    ...fields,
    ...(keyFile === null ? {} : { keyFile }),
    ...texts,
    ...(tags.length === 0 ? {} : { tags }),
    ...(problem === null ? {} : { problem }),
    ...(notes.length === 0 ? {} : { notes }),
  }
}

/** Why a file was refused; null when it was read. Anything but an AppError is passed on. */
export function whyRefused(read: () => unknown): string | null {
  try {
    read()
    return null
  } catch (error) {
    return describe(error)
  }
}

export async function whyRejected(read: () => Promise<unknown>): Promise<string | null> {
  try {
    await read()
    return null
  } catch (error) {
    return describe(error)
  }
}

function describe(error: unknown): string {
  if (!(error instanceof AppError)) throw error
  return error.code === 'import-unreadable' ? String(error.details['why']) : error.code
}
