import { AppError } from '../model/app-error.ts'
import type { ErrorDetails } from '../model/app-error.ts'

/** Adds what the command knows (the name that was typed) to an error of ours, so that its cure can name it. */
export async function withDetails<T>(details: ErrorDetails, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    throw new AppError(error.code, error.message, {
      cause: error,
      details: { ...details, ...error.details },
    })
  }
}
