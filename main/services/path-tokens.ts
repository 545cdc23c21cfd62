import { toHex } from '../core/crypto/bytes.ts'
import type { Random } from '../core/ports/random.ts'
import { AppError } from '../model/app-error.ts'

/** What a path was chosen for; a token of one kind is worth nothing where the other is asked for. */
export type PathKind = 'folder' | 'key-file' | 'vault-key-file' | 'import-file' | 'export-file'

/**
 * Paths that a person chose in a dialog of ours, or wrote into ~/.ssh/config, exchanged for tokens, so that the page never
 * names a path.
 */
export type PathTokens = {
  give(path: string, kind: PathKind): string
  /**
   * The path of a token, which stays good: a form that was refused is corrected and sent again. Throws
   * AppError('bad-request') for a token that is unknown, used up or of another kind.
   */
  redeem(token: string, kind: PathKind): string
  /** Ends tokens whose paths have been stored. */
  useUp(tokens: Iterable<string>): void
}

/** Forgotten beyond this number; a person does not keep that many dialogs' answers in a form. */
const maxTokens = 100

export function createPathTokens(random: Random): PathTokens {
  const given = new Map<string, { readonly path: string; readonly kind: PathKind }>()
  return {
    give(path, kind) {
      const token = toHex(random.bytes(16))
      given.set(token, { path, kind })
      const [oldest] = given.keys()
      if (given.size > maxTokens && oldest !== undefined) given.delete(oldest)
      return token
    },
    redeem(token, kind) {
      const found = given.get(token)
      if (found?.kind !== kind) throw new AppError('bad-request', 'unknown path token')
      return found.path
    },
    useUp(tokens) {
      for (const token of tokens) given.delete(token)
    },
  }
}
