import type { Handlers, KeyFilePlace } from '../contract/calls.ts'
import { wipe } from '../core/crypto/bytes.ts'
import type { VaultCheck } from '../model/vault-check.ts'
import type { VaultStatus } from '../model/vault.ts'
import type { PathTokens } from './path-tokens.ts'
import { createProofReader, readKeyFileAt, withProofs } from './proof-reader.ts'
import type { WithProof } from './proof-reader.ts'
import type { DesktopPorts, ServicePorts } from './service-ports.ts'
import type { Threshold } from './threshold.ts'
import type { VaultService } from './vault-service.ts'

export type WayInParts = {
  readonly ports: Pick<ServicePorts, 'userFiles'>
  readonly desktop: Pick<DesktopPorts, 'folderPicker' | 'keyFiles'>
  readonly vault: VaultService
  readonly threshold: Threshold
}

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
  | 'vault.check'
  | 'keychain.remember'

const KEY_FILE_NAME = 'fernsync.keyfile'

/** The ways into the vault and what changes them, as the page may ask for it: key files come and go as tokens. */
export function wayInHandlers(parts: WayInParts, tokens: PathTokens): Pick<Handlers, WayInCalls> {
  const { vault, threshold } = parts
  const withProof = createProofReader(parts, tokens)
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
    'keychain.remember': ({ days, proof }) => withProof(proof, (given) => vault.rememberKey(days, given)),
    'vault.check': ({ proof, ...request }) => {
      if (proof === null) return vault.check({ ...request, proof: null })
      // What is found damaged is repaired by a second call with the same key file.
      const isLast = ({ ok, repaired }: VaultCheck): boolean => ok || repaired
      return withProof(proof, (given) => vault.check({ ...request, proof: given }), isLast)
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
