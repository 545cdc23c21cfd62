import type { Handlers, KeyFilePlace, ParsedInput } from '../contract/calls.ts'
import { wipe } from '../core/crypto/bytes.ts'
import { MAX_KEY_FILE_BYTES } from '../core/vault/key-file.ts'
import type { SlotProof } from '../core/vault/vault-api.ts'
import { AppError } from '../model/app-error.ts'
import type { VaultStatus } from '../model/vault.ts'
import type { PathTokens } from './path-tokens.ts'
import type { DesktopPorts, ServicePorts } from './service-ports.ts'
import type { Threshold } from './threshold.ts'
import type { VaultService } from './vault-service.ts'

export type WayInParts = {
  readonly ports: Pick<ServicePorts, 'userFiles'>
  readonly desktop: Pick<DesktopPorts, 'folderPicker' | 'keyFiles'>
  readonly vault: VaultService
  readonly threshold: Threshold
}

type Proof = ParsedInput<'vault.setKeyFile'>['proof']
type WayInCalls =
  | 'vault.create'
  | 'vault.unlock'
  | 'vault.enter'
  | 'vault.changePassword'
  | 'vault.prepareRecoveryKey'
  | 'vault.addRecoveryKey'
  | 'vault.removeSlot'
  | 'vault.pickKeyFile'
  | 'vault.makeKeyFile'
  | 'vault.setKeyFile'
  | 'vault.rotateKey'
  | 'vault.cancelRotation'

const KEY_FILE_NAME = 'fernsync.keyfile'

/** The ways into the vault and what changes them, as the page may ask for it: key files come and go as tokens. */
export function wayInHandlers(parts: WayInParts, tokens: PathTokens): Pick<Handlers, WayInCalls> {
  const { vault, threshold } = parts
  const withProof = proofReader(parts, tokens)
  return {
    'vault.create': ({ password }) => staying(threshold, () => vault.create(password, {})),
    'vault.unlock': ({ allowSlowKdf, ...proof }) => {
      const unlock = () => withProof(proof, (given) => vault.unlock(given, { allowSlowKdf }))
      return 'recoveryKey' in proof ? staying(threshold, unlock) : unlock()
    },
    'vault.enter': () => {
      threshold.release()
      return Promise.resolve({})
    },
    'vault.changePassword': ({ proof, next, kdf }) =>
      withProof(proof, (given) =>
        vault.changePassword(given, next, ...(kdf === null ? [] : [{ name: kdf }])),
      ),
    'vault.prepareRecoveryKey': async () => {
      const { key, ask } = await vault.prepareRecoveryKey()
      return { key, ask: [...ask] }
    },
    'vault.addRecoveryKey': ({ proof, typed }) =>
      withProof(proof, (given) => vault.addRecoveryKey(given, typed)),
    'vault.removeSlot': ({ id, proof }) => withProof(proof, (given) => vault.removeSlot(id, given)),
    ...keyFileHandlers(parts, tokens, withProof),
    'vault.rotateKey': ({ proofs, dropSlots }) =>
      withProofs(proofs, withProof, (given) => vault.rotateKey({ proofs: given, dropSlots })),
    'vault.cancelRotation': async () => {
      await vault.cancelRotation()
      return {}
    },
  }
}

function keyFileHandlers({ ports, desktop, vault }: WayInParts, tokens: PathTokens, withProof: WithProof) {
  const place = (path: string | null): KeyFilePlace | null =>
    path === null
      ? null
      : {
          token: tokens.give(path, 'vault-key-file'),
          shown: path,
          inSyncFolder: desktop.keyFiles.isInSyncFolder(path),
        }
  return {
    'vault.pickKeyFile': async ({ title }) =>
      place(await desktop.folderPicker.pickFile({ title, startAt: null })),
    'vault.makeKeyFile': async ({ title }) => {
      const startAt = `${ports.userFiles.homeDirectory()}/${KEY_FILE_NAME}`
      const path = await desktop.folderPicker.pickNewFile({ title, startAt })
      if (path === null) return null
      const content = await vault.newKeyFile()
      try {
        await desktop.keyFiles.create(path, content)
      } finally {
        wipe(content)
      }
      return place(path)
    },
    'vault.setKeyFile': ({ proof, keyFile }) =>
      withProof(proof, async (given) => {
        if (keyFile === null) return vault.setKeyFile(given, null)
        const content = await readKeyFileAt(ports, tokens, keyFile)
        try {
          const status = await vault.setKeyFile(given, content)
          tokens.useUp([keyFile])
          return status
        } finally {
          wipe(content)
        }
      }),
  } satisfies Partial<Handlers>
}

/** From the first moment, because the window would be replaced as soon as the vault is open. */
async function staying(threshold: Threshold, open: () => Promise<VaultStatus>): Promise<VaultStatus> {
  threshold.hold()
  try {
    return await open()
  } catch (error) {
    threshold.drop()
    throw error
  }
}

type WithProof = <T>(proof: Proof, use: (given: SlotProof) => Promise<T>) => Promise<T>

/** Adds the content of a key file for as long as `use` runs; it is wiped here in every case, what was typed by the binder. */
function proofReader({ ports }: WayInParts, tokens: PathTokens): WithProof {
  return async (proof, use) => {
    if ('recoveryKey' in proof) return use(proof)
    const { password, keyFile: token } = proof
    if (token === null) return use({ password })
    const keyFile = await readKeyFileAt(ports, tokens, token)
    try {
      const done = await use({ password, keyFile })
      tokens.useUp([token])
      return done
    } finally {
      wipe(keyFile)
    }
  }
}

async function withProofs<T>(
  proofs: readonly Proof[],
  withProof: WithProof,
  use: (given: readonly SlotProof[]) => Promise<T>,
): Promise<T> {
  const collect = (rest: readonly Proof[], given: readonly SlotProof[]): Promise<T> => {
    const [next, ...others] = rest
    return next === undefined ? use(given) : withProof(next, (one) => collect(others, [...given, one]))
  }
  return collect(proofs, [])
}

/** Throws AppError('key-file-invalid') for one that is gone, cannot be read or is too large to be one. */
async function readKeyFileAt(
  ports: WayInParts['ports'],
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
