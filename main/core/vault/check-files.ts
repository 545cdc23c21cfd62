import { AppError } from '../../model/app-error.ts'
import type { CheckProgress, CopyState, FileFault } from '../../model/vault-check.ts'
import { checkRecord, isSound } from './check-record.ts'
import type { CheckedRecord, CheckScope } from './check-record.ts'
import { readDeviceMemory } from './device-memory.ts'
import type { DeviceState } from './device-memory.ts'
import { checkPins } from './device-pins.ts'
import { isAuthentic } from './manifest.ts'
import type { Pacer } from './pacer.ts'
import { fileDigest } from './record-file.ts'
import type { RecordEntry } from './record-file.ts'
import { salvage } from './salvage.ts'
import type { BrokenPiece, Salvage } from './salvage.ts'
import type { Session } from './session.ts'
import { checkSlots, slotsHash } from './slots.ts'
import { damaged } from './vault-errors.ts'
import { checkVersion, readVaultFile, VaultTop } from './vault-file.ts'
import type { VaultFile } from './vault-file.ts'
import { FORMAT_VERSION, GENERATIONS, MAX_FILE_BYTES } from './vault-limits.ts'
import { generationPath, VAULT_PATH } from './vault-ports.ts'
import type { VaultPorts } from './vault-ports.ts'

/** One vault file as it lies there, read as far as that needs no key. `n` 0 = vault.json, else the generation. */
export type FoundFile = {
  readonly n: number
  readonly sha256: string
  /** Null when the strict reader refuses the file. */
  readonly file: VaultFile | null
  readonly found: Salvage
  /** The top level when it is sound by itself; the MAC is another question. */
  readonly top: VaultTop | null
  /** The top level was put together from what could be told of it. */
  readonly isTopLoose: boolean
}

/** vault.json, null when absent, and the generations that exist, newest first. Throws AppError('vault-newer'). */
export type FoundFiles = { readonly vault: FoundFile | null; readonly copies: readonly FoundFile[] }

export async function findFiles(ports: VaultPorts): Promise<FoundFiles> {
  const { state: device } = await readDeviceMemory(ports)
  const find = async (n: number): Promise<FoundFile | null> => {
    const bytes = await ports.files.read(n === 0 ? VAULT_PATH : generationPath(n), MAX_FILE_BYTES)
    return bytes === null ? null : readFound(n, bytes, device, ports.pacer)
  }
  const copies: FoundFile[] = []
  for (let n = 1; n <= GENERATIONS; n += 1) {
    const copy = await find(n)
    if (copy !== null) copies.push(copy)
  }
  return { vault: await find(0), copies }
}

async function readFound(
  n: number,
  bytes: Uint8Array,
  device: DeviceState,
  pacer: () => Pacer,
): Promise<FoundFile> {
  const sha256 = await fileDigest(bytes)
  try {
    const file = await readVaultFile(bytes, pacer())
    const found = {
      isWhole: true,
      top: file.top,
      loose: null,
      entries: [...file.records.values()],
      broken: [],
    }
    return { n, sha256, file, found, top: file.top, isTopLoose: false }
  } catch (error) {
    // A vault.json of a newer program is nothing to judge; a copy of one is only of no use.
    const isOurs = error instanceof AppError && (error.code === 'vault-damaged' || n > 0)
    if (!isOurs) throw error
    const found = await salvage(bytes, pacer())
    const top = soundTop(found.top)
    const isTopLoose = top === null
    return { n, sha256, file: null, found, top: top ?? looselySound(found, device), isTopLoose }
  }
}

/** Of a file whose vault's id is gone this device knows which vault it was; its slots decide. */
function looselySound({ loose }: Salvage, device: DeviceState): VaultTop | null {
  return loose === null ? null : soundTop({ ...loose, vault: loose['vault'] ?? device.vault })
}

function soundTop(raw: Salvage['top']): VaultTop | null {
  const parsed = VaultTop.safeParse(raw)
  if (!parsed.success) return null
  const top = parsed.data
  try {
    checkVersion('fernsync', FORMAT_VERSION, top)
    checkSlots(top.slots)
    return top.seen[top.dev] === top.epoch ? top : null
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

/**
 * The top level whose slots are in force: those set last, and of equals those this device has seen working. So slots that were
 * put back by hand do not come into force again by a repair. Throws AppError('vault-damaged') when no file has sound ones.
 */
export function topWithSlots(device: DeviceState, { vault, copies }: FoundFiles): VaultTop {
  const all = [...(vault === null ? [] : [vault]), ...copies]
  const isKnown = ({ slots }: VaultTop): boolean => device.slots === slotsHash(slots)
  const tops = all.flatMap(({ top }: FoundFile) => {
    if (top === null || top.slots.length === 0) return []
    if (device.vault === null || top.vault === device.vault) return [top]
    // These very slots have opened our vault here: it is the vault's id that is damaged.
    return isKnown(top) ? [{ ...top, vault: device.vault }] : []
  })
  const [first] = tops.toSorted(
    (a, b) => b.vkGen - a.vkGen || b.slotSet.rev - a.slotSet.rev || Number(isKnown(b)) - Number(isKnown(a)),
  )
  if (first === undefined) throw damaged('no slots that are sound')
  return first
}

/**
 * The generation of the vault key that the records name: of a file that may be damaged, hundreds of them are a better witness than
 * one number in its first line.
 */
export function commonGen({ vault, copies }: FoundFiles, fallback: number): number {
  const counts = new Map<number, number>()
  for (const { found } of [...(vault === null ? [] : [vault]), ...copies]) {
    for (const { record } of found.entries) counts.set(record.gen, (counts.get(record.gen) ?? 0) + 1)
    // Copies may be of a key before.
    if (counts.size > 0) break
  }
  const [first] = [...counts].toSorted(([, a], [, b]) => b - a)
  return first?.[0] ?? fallback
}

/** A vault file with every token of it opened. */
export type CheckedFile = {
  readonly n: number
  readonly state: CopyState
  readonly faults: readonly FileFault[]
  readonly top: VaultTop | null
  readonly records: readonly CheckedRecord[]
  readonly broken: readonly BrokenPiece[]
  /** Just as a holder of the key wrote it. */
  readonly isAuthentic: boolean
}

export type Checker = {
  /** Opens the tokens of a file. What is the same in several files is opened once. */
  readonly file: (found: FoundFile) => Promise<CheckedFile>
  readonly records: (scope: CheckScope, entries: Iterable<RecordEntry>) => Promise<readonly CheckedRecord[]>
}

type CheckerPorts = {
  readonly session: Session
  readonly device: DeviceState
  readonly pacer: Pacer
  /** Called after each record. */
  readonly onStep: () => void
}

export function createChecker({ session, device, pacer, onStep }: CheckerPorts): Checker {
  const known = new Map<string, CheckedRecord>()
  const records: Checker['records'] = async (scope, entries) => {
    const checked: CheckedRecord[] = []
    for (const entry of entries) {
      const key = `${scope.scope} ${entry.digest}`
      const one = known.get(key) ?? checkRecord(scope, entry)
      known.set(key, one)
      checked.push(one)
      onStep()
      const rest = pacer.rest()
      if (rest !== null) await rest
    }
    return checked
  }
  return {
    records,
    async file({ n, file, found, top, isTopLoose }) {
      const vaultKey = (): Uint8Array => session.vaultKey()
      const checked = await records({ scope: 'record', vault: session.vault, vaultKey }, found.entries)
      const isOurs = top === null || top.vault === session.vault
      // One character of the id may be all that is wrong.
      if (!isOurs && checked.every(({ tokens }) => tokens === 0)) {
        return {
          n,
          state: 'other-vault',
          faults: ['header'],
          top,
          records: [],
          broken: [],
          isAuthentic: false,
        }
      }
      const isTrue = isOurs && file !== null && isAuthentic(session.manifestKey(), 'vault', file)
      const faults: FileFault[] = []
      if (!found.isWhole) faults.push('unreadable')
      if (isTopLoose || !isOurs) faults.push('header')
      if (!isTrue) faults.push('changed')
      else if (!isCurrent(device, file)) faults.push('rolled-back')
      const state = copyState(checked, { isTrue, isReadable: found.entries.length > 0 || isTrue })
      return { n, state, faults, top, records: checked, broken: found.broken, isAuthentic: isTrue }
    },
  }
}

function copyState(
  records: readonly CheckedRecord[],
  { isTrue, isReadable }: { readonly isTrue: boolean; readonly isReadable: boolean },
): CopyState {
  if (!isReadable) return 'unreadable'
  if (isTrue) return records.every(isSound) ? 'intact' : 'damaged'
  return records.length > 1 && records.every(({ tokens }) => tokens === 0) ? 'other-key' : 'damaged'
}

function isCurrent(device: DeviceState, file: VaultFile): boolean {
  try {
    checkPins(device, file)
    return true
  } catch (error) {
    if (error instanceof AppError) return false
    throw error
  }
}

/** Tells how far a check is, a few times a second. */
export function createProgress(
  monotonic: () => number,
  total: number,
  tell: (progress: CheckProgress) => void,
): () => void {
  const PAUSE_MS = 100
  let done = 0
  let next = monotonic()
  return () => {
    done = Math.min(done + 1, total)
    if (done % 16 !== 0 || monotonic() < next) return
    next = monotonic() + PAUSE_MS
    tell({ done, total })
  }
}
