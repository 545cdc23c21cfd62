import { realpath } from 'node:fs/promises'
import { dirname, isAbsolute, relative, sep } from 'node:path'
import type { ExportFiles } from '../core/ports/export-files.ts'
import { AppError } from '../model/app-error.ts'
import { createDurableWriter, withFile, writeAll } from './durable-write.ts'
import { nodeFileOperations } from './file-operations.ts'
import type { FileOperations } from './file-operations.ts'
import { asAppError, systemCode } from './system-errors.ts'

export type NodeExportFilesOptions = {
  /** Absolute path of the home folder: nothing is ever written into it, least of all over the vault. */
  readonly home: string
  readonly operations?: FileOperations
  readonly platform?: NodeJS.Platform
}

/** A file that is replaced is the old one or the new one at every moment; a new one that fails is taken away again. */
export function createNodeExportFiles({
  home,
  operations: fs = nodeFileOperations,
  platform = process.platform,
}: NodeExportFilesOptions): ExportFiles {
  const writer = createDurableWriter(fs, platform)
  const writeNew = async (path: string, bytes: Uint8Array): Promise<void> => {
    const opening = fs.create(path)
    await opening
    try {
      await withFile(opening, async (file) => {
        await writeAll(file, bytes)
        await file.sync()
      })
      await writer.syncFolder(dirname(path))
    } catch (error) {
      await fs.unlink(path).catch(() => {})
      throw error
    }
  }
  return {
    async write(path, bytes, { replace }) {
      let isOurs: boolean
      try {
        isOurs = await isWithin(home, dirname(path))
        if (!isOurs) await (replace ? writer.replace(path, bytes, 0) : writeNew(path, bytes))
      } catch (error) {
        throw refusal(error)
      }
      if (isOurs) throw refused('Fernsync keeps the vault itself in that folder')
    },
  }
}

/** By where the folders really are: a link may lead there. */
async function isWithin(home: string, folder: string): Promise<boolean> {
  const way = relative(await realpath(home), await realpath(folder))
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way))
}

function refused(why: string, cause?: unknown): AppError {
  return new AppError('bad-request', 'export: not to this path', { cause, details: { field: 'file', why } })
}

function refusal(error: unknown): AppError {
  const code = systemCode(error)
  if (code === 'EEXIST') return refused('there is a file of this name already', error)
  if (code === 'ENOENT' || code === 'ENOTDIR') return refused('there is no such folder', error)
  const found = asAppError(error, 'export')
  const isNoSpace = found.code === 'no-space' || found.code === 'internal'
  return isNoSpace ? found : new AppError('permission-denied', 'export: cannot write', { cause: error })
}
