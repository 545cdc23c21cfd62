import type { ParsedInput } from '../contract/calls.ts'
import { wipe } from '../core/crypto/bytes.ts'
import { MAX_KEY_FILE_BYTES } from '../core/vault/key-file.ts'
import type { SlotProof } from '../core/vault/vault-api.ts'
import { AppError } from '../model/app-error.ts'
import type { PathTokens } from './path-tokens.ts'
import type { ServicePorts } from './service-ports.ts'

/** A proof as the page gives it: a key file is a token of main's dialog. */
export type PageProof = ParsedInput<'vault.setKeyFile'>['proof']

export type ProofReaderParts = { readonly ports: Pick<ServicePorts, 'userFiles'> }

/**
 * Adds the content of a key file for as long as `use` runs; it is wiped here in every case, what was typed by the binder. The token ends
 * with the first success; `isLast` says of one that the same proof is about to be asked for again.
 */
export type WithProof = <T>(
  proof: PageProof,
  use: (given: SlotProof) => Promise<T>,
  isLast?: (done: T) => boolean,
) => Promise<T>

export function createProofReader({ ports }: ProofReaderParts, tokens: PathTokens): WithProof {
  return async (proof, use, isLast = () => true) => {
    if ('recoveryKey' in proof) return use(proof)
    const { password, keyFile: token } = proof
    if (token === null) return use({ password })
    const keyFile = await readKeyFileAt(ports, tokens, token)
    try {
      const done = await use({ password, keyFile })
      if (isLast(done)) tokens.useUp([token])
      return done
    } finally {
      wipe(keyFile)
    }
  }
}

/** The same for several at once. */
export async function withProofs<T>(
  proofs: readonly PageProof[],
  withProof: WithProof,
  use: (given: readonly SlotProof[]) => Promise<T>,
): Promise<T> {
  const collect = (rest: readonly PageProof[], given: readonly SlotProof[]): Promise<T> => {
    const [next, ...others] = rest
    return next === undefined ? use(given) : withProof(next, (one) => collect(others, [...given, one]))
  }
  return collect(proofs, [])
}

/**
 * The content of a key file, which the caller wipes. Throws AppError('key-file-invalid') for one that is gone, cannot be read or is too
 * large to be one.
 */
export async function readKeyFileAt(
  ports: ProofReaderParts['ports'],
  tokens: PathTokens,
  token: string,
): Promise<Uint8Array> {
  const path = tokens.redeem(token, 'vault-key-file')
  const content = await ports.userFiles.read(path, MAX_KEY_FILE_BYTES).catch((cause: unknown) => {
    throw new AppError('key-file-invalid', 'key file: cannot be read', { cause })
  })
  if (content === null) throw new AppError('key-file-invalid', 'key file: gone')
  return content
}
