import { dirname } from 'node:path'
import type { ExportFiles } from '../core/ports/export-files.ts'
import { AppError } from '../model/app-error.ts'
import { createDurableWriter, withFile, writeAll } from './durable-write.ts'
import { nodeFileOperations } from './file-operations.ts'
import type { FileOperations } from './file-operations.ts'
import { asAppError, systemCode } from './system-errors.ts'

/** A file that is replaced is the old one or the new one at every moment; a new one that fails is taken away again. */
export function createNodeExportFiles(
  fs: FileOperations = nodeFileOperations,
  platform: NodeJS.Platform = process.platform,
): ExportFiles {
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
      try {
        await (replace ? writer.replace(path, bytes, 0) : writeNew(path, bytes))
      } catch (error) {
        throw refusal(error)
      }
    },
  }
}

function refusal(error: unknown): AppError {
  const code = systemCode(error)
  if (code === 'EEXIST')
    return new AppError('bad-request', 'export: file exists', {
      cause: error,
      details: { field: 'file', why: 'there is a file of this name already' },
    })
  const found = asAppError(error, 'export')
  const isNoSpace = found.code === 'no-space' || found.code === 'internal'
  return isNoSpace ? found : new AppError('permission-denied', 'export: cannot write', { cause: error })
}
