import { AppError } from '../../model/app-error.ts'

/** A file that is not what any Fernsync would have written: truncated, edited or broken. */
export function damaged(what: string, cause?: unknown): AppError {
  return new AppError('vault-damaged', `read vault: ${what}`, { cause })
}

/** A well-formed file that is not the one this device knows: rolled back, forked, replaced or edited. */
export function changed(what: string): AppError {
  return new AppError('vault-changed', `check vault: ${what}`)
}

export function newer(what: string): AppError {
  return new AppError('vault-newer', `read vault: ${what}`)
}

export function locked(): AppError {
  return new AppError('locked', 'vault is locked')
}

export function unknownName(what: string): AppError {
  return new AppError('unknown-name', `find ${what}: none`)
}
