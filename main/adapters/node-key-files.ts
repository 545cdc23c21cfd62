import { dirname } from 'node:path'
import type { KeyFiles } from '../core/ports/key-files.ts'
import { AppError } from '../model/app-error.ts'
import { nodeFileOperations, type FileOperations } from './file-operations.ts'
import { isInSyncFolder } from './home-folder.ts'
import { asAppError, systemCode } from './system-errors.ts'
import { withFile, writeAll } from './durable-write.ts'

/** Key files on the disk. What could not be written whole is taken away again. */
export function createNodeKeyFiles(
  fs: FileOperations = nodeFileOperations,
  platform: NodeJS.Platform = process.platform,
): KeyFiles {
  return {
    isInSyncFolder: (path) => isInSyncFolder(dirname(path)),
    async create(path, content) {
      try {
        await withFile(fs.create(path), async (file) => {
          try {
            await writeAll(file, content)
            await file.sync()
          } catch (error) {
            await fs.unlink(path).catch(() => {})
            throw error
          }
        })
        // The name must outlive a power cut, too; on Windows the file system sees to that.
        if (platform !== 'win32') await withFile(fs.openFolder(dirname(path)), (folder) => folder.sync())
      } catch (error) {
        throw refusal(error)
      }
    },
  }
}

function refusal(error: unknown): AppError {
  if (systemCode(error) === 'EEXIST')
    return new AppError('name-taken', 'key file: a file has this name', { cause: error })
  const known = asAppError(error, 'writing a key file')
  // The place is the person's own choice, not our home folder.
  if (known.code !== 'home-unusable') return known
  return new AppError('permission-denied', known.message, { cause: error, details: known.details })
}
