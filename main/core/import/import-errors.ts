import { AppError } from '../../model/app-error.ts'

/**
 * The file as a whole cannot be read. `why` is ours and quotes nothing of the file, which may hold secrets; `line` counts
 * from 1. Never with a cause for the same reason.
 */
export function refusedFile(why: string, line?: number): AppError {
  return new AppError('import-unreadable', 'import: file refused', {
    details: { why, ...(line === undefined ? {} : { line }) },
  })
}

/** The file's own password, not the vault's. */
export function wrongPassword(): AppError {
  const details = { why: 'nothing in the imported file opens with the password given for it' }
  return new AppError('wrong-password', 'import: file does not open', { details })
}
