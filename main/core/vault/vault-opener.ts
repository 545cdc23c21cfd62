import type { FileStamp } from '../ports/file-store.ts'
import type { DeviceState } from './device-memory.ts'
import { checkPins } from './device-pins.ts'
import { fileDigest, isSameHead, recordFileParts } from './record-file.ts'
import type { RecordHead } from './record-file.ts'
import { damaged } from './vault-errors.ts'
import { openVaultFile, peekVaultFile } from './vault-file.ts'
import type { VaultFile, VaultHead, VaultTop } from './vault-file.ts'
import { MAX_FILE_BYTES } from './vault-limits.ts'
import { VAULT_PATH } from './vault-ports.ts'
import type { VaultPorts } from './vault-ports.ts'

export type OpenedVault = VaultHead & {
  /** What the file system said of it; null when that is not known. */
  readonly stamp: string | null
  /** All of it. Throws `vault-*`. Reads once, however often it is called. */
  readonly whole: () => Promise<VaultFile>
}

export type VaultOpener = {
  /** vault.json as far as no key is needed, checked against the device's memory; null when absent. Throws `vault-*`. */
  readonly open: (device: DeviceState, isAnew?: boolean) => Promise<OpenedVault | null>
  /** To be told what was written, so that it is not parsed again. */
  readonly remember: (file: VaultFile) => void
}

/** The last well-formed vault.json. Nothing in it is decrypted, so it may outlive a session. */
type Parsed = { readonly file: VaultFile; readonly stamp: FileStamp | null }

/** A file whose bytes are read, and what is done with it once it is known to be well-formed. */
type Reading = {
  readonly device: DeviceState
  readonly stamp: FileStamp
  readonly bytes: Uint8Array
  readonly digest: () => Promise<string>
  readonly keep: (file: VaultFile) => VaultFile
  readonly pacer: VaultPorts['pacer']
}

/**
 * vault.json, read again only when it may be another. `isAnew` reads it in any case: what is changed under the lock must be what
 * is on the disk, whatever the file system says of it.
 */
export function createVaultOpener({ files, pacer }: VaultPorts): VaultOpener {
  let parsed: Parsed | null = null

  const read = async (
    device: DeviceState,
    stamp: FileStamp,
    before: Parsed | null,
  ): Promise<OpenedVault | null> => {
    const keep = (file: VaultFile): VaultFile => {
      parsed = { file, stamp }
      return file
    }
    const isAsWritten = before !== null && (await files.holds(VAULT_PATH, recordFileParts(before.file)))
    if (isAsWritten) return known(device, keep(before.file), stamp)
    const bytes = await files.read(VAULT_PATH, MAX_FILE_BYTES)
    if (bytes === null) return null
    const digest = once(() => fileDigest(bytes))
    const reading: Reading = { device, stamp, bytes, digest, keep, pacer }
    if (before !== null) {
      const isSame = (await digest()) === before.file.sha256
      return isSame ? known(device, keep(before.file), stamp) : other(reading)
    }
    const { accept, verified, verifiedStamp } = device
    // With nothing accepted, what a file is checked for here does not depend on its digest.
    const isLikely = accept === null && verifiedStamp === stamp.id
    const head = verified !== null && isLikely ? peekVaultFile(bytes) : null
    return verified !== null && head !== null ? likely(reading, head, verified) : other(reading)
  }
  return {
    open: async (device, isAnew = false) => {
      // Before the content: a file put in the place between the two is read again the next time.
      const stamp = await files.stamp(VAULT_PATH)
      if (stamp === null) return null
      const before = parsed
      const isSame = before?.stamp?.isSettled === true && before.stamp.id === stamp.id
      return isSame && !isAnew ? known(device, before.file, stamp) : read(device, stamp, before)
    },
    remember: (file) => {
      parsed = { file, stamp: null }
    },
  }
}

function known(device: DeviceState, file: VaultFile, stamp: FileStamp): OpenedVault {
  checkPins(device, file)
  return { ...file, stamp: stamp.id, whole: () => Promise.resolve(file) }
}

/** It looks like the file verified last, so a derivation need not wait until all of it is read and hashed. */
function likely(
  { device, stamp, bytes, digest, keep, pacer }: Reading,
  head: RecordHead<VaultTop>,
  verified: string,
): OpenedVault {
  checkPins(device, { ...head, sha256: verified })
  const whole = once(async () => {
    const digesting = digest()
    const { top, mac, records } = openVaultFile(bytes)
    // The slots that were derived for must be those of the file that is believed.
    if (!isSameHead(head, { top, mac })) throw damaged('first and last line say something else')
    const [sha256, read] = await Promise.all([digesting, records(pacer())])
    return keep({ top, mac, records: read, sha256 })
  })
  return { ...head, sha256: verified, stamp: stamp.id, whole }
}

async function other({ device, stamp, bytes, digest, keep, pacer }: Reading): Promise<OpenedVault> {
  const digesting = digest()
  // Beside the digest.
  const { top, mac, records } = openVaultFile(bytes)
  const sha256 = await digesting
  const whole = once(async () => keep({ top, mac, records: await records(pacer()), sha256 }))
  if (device.verified !== sha256) await whole()
  checkPins(device, { top, mac, sha256 })
  return { top, mac, sha256, stamp: stamp.id, whole }
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null
  return () => (running ??= work())
}
