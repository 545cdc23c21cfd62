import { Low } from 'lowdb'
import type { Adapter } from 'lowdb'
import * as z from 'zod'
import { AppError } from '../../model/app-error.ts'
import { utf8 } from '../crypto/bytes.ts'
import type { FileStore } from '../ports/file-store.ts'
import type { HomeLock } from '../ports/lock.ts'
import type { Logger } from '../ports/logger.ts'
import { parseStrictJson, StrictJsonError } from './strict-json.ts'

const MAX_BYTES = 1024 * 1024

export type JsonFileOptions<S extends z.ZodObject> = {
  readonly path: string
  /** Name and version, as the field `format` says them: `fernsync-settings/1`. */
  readonly format: `${string}/${number}`
  /** Accepts an empty object: every field has a default. */
  readonly schema: S
  readonly files: FileStore
  readonly lock: HomeLock
  readonly log: Logger
}

/** A small file of preferences: nothing in it is worth refusing to start for, except that a newer program wrote it. */
export type JsonFile<T> = {
  /** What is on disk; the defaults when there is nothing readable. Throws AppError('home-unusable') for a newer file. */
  read(): Promise<T>
  /** Changes what is on disk now, under the lock `vault`, and returns it. A newer file is left alone. */
  change(change: (content: T) => T): Promise<T>
}

type Fields = Readonly<Record<string, unknown>>

/** `unreadable` = the bytes of a file that is not ours to understand, kept beside the one that replaces it. */
type Document = { readonly fields: Fields; readonly unreadable: Uint8Array | null }

const EMPTY: Document = { fields: {}, unreadable: null }

/** A versioned JSON document over lowdb, written durably. Fields that this program does not know are kept. */
export function createJsonFile<S extends z.ZodObject>(options: JsonFileOptions<S>): JsonFile<z.infer<S>> {
  const { schema, lock } = options
  const open = async (): Promise<Low<Document>> => {
    const database = new Low(createAdapter(options), EMPTY)
    await database.read()
    return database
  }
  return {
    read: async () => schema.parse((await open()).data.fields),
    change: (change) =>
      lock.hold('vault', async () => {
        const database = await open()
        const { fields, unreadable } = database.data
        const content = schema.parse(change(schema.parse(fields)))
        database.data = { fields: { ...fields, ...content }, unreadable }
        await database.write()
        return content
      }),
  }
}

/** Ours, because lowdb's own writer has neither fsync nor file mode nor lock, and its reader is not strict. */
function createAdapter(options: JsonFileOptions<z.ZodObject>): Adapter<Document> {
  const { path, format, schema, files, log } = options
  return {
    async read() {
      const bytes = await files.read(path, MAX_BYTES)
      if (bytes === null) return null
      const fields = parseFields(bytes)
      const found = typeof fields?.['format'] === 'string' ? fields['format'] : ''
      if (isOtherVersion(found, format))
        throw new AppError('home-unusable', `${path} was written by a newer program`, {
          details: { file: path },
        })
      if (fields !== null && found === format && schema.safeParse(fields).success)
        return { fields, unreadable: null }
      log.warn('store.file-unreadable', { file: path })
      return { fields: {}, unreadable: bytes }
    },
    async write({ fields, unreadable }) {
      if (unreadable !== null) await files.writeDurably(`${path}.unreadable`, unreadable)
      await files.writeDurably(path, utf8(`${JSON.stringify({ ...fields, format }, null, 2)}\n`))
    },
  }
}

function parseFields(bytes: Uint8Array): Fields | null {
  try {
    const parsed = z
      .record(z.string(), z.unknown())
      .safeParse(parseStrictJson(bytes, { maxBytes: MAX_BYTES }))
    return parsed.success ? parsed.data : null
  } catch (error) {
    if (error instanceof StrictJsonError) return null
    throw error
  }
}

function isOtherVersion(found: string, format: string): boolean {
  const [name, version] = format.split('/')
  const [foundName, foundVersion] = found.split('/')
  return foundName === name && foundVersion !== version && /^\d+$/.test(foundVersion ?? '')
}
