import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError } from '../model/app-error.ts'
import { asAppError, systemCode } from './system-errors.ts'

const OWNER_ONLY = 0o600

/**
 * Writes a new file that only its owner may read, and has it on disk when it resolves. Never touches a file that is there:
 * AppError('exists'). Wipes `bytes`.
 */
export async function writeNewSecretFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    const file = await open(path, 'wx', OWNER_ONLY)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    const folder = await open(dirname(path), 'r')
    // Windows opens no folder for this, and needs it not: names are durable there with the file.
    await folder.sync().finally(() => folder.close())
  } catch (error) {
    if (systemCode(error) === 'EEXIST')
      throw new AppError('exists', 'the file is there already', { cause: error })
    throw asAppError(error, 'writing a new file')
  } finally {
    bytes.fill(0)
  }
}
