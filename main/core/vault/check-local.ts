import type { VaultCheck } from '../../model/vault-check.ts'
import { isUnderRetiredKey } from './adopt-local.ts'
import type { Checker } from './check-files.ts'
import { isSound } from './check-record.ts'
import type { CheckedRecord, CheckScope } from './check-record.ts'
import type { DeviceState } from './device-memory.ts'
import { checkLocalPin } from './device-pins.ts'
import { judgeRecord } from './judge-record.ts'
import type { Copied } from './judge-record.ts'
import { LocalTop, readLocalFile } from './local-file.ts'
import type { LocalFile } from './local-file.ts'
import { isAuthentic } from './manifest.ts'
import type { OpenRecords } from './open-records.ts'
import type { Pacer } from './pacer.ts'
import { fileDigest } from './record-file.ts'
import type { RecordEntry } from './record-file.ts'
import { salvage } from './salvage.ts'
import type { Session } from './session.ts'
import { AppError } from '../../model/app-error.ts'
import { MAX_FILE_BYTES } from './vault-limits.ts'
import { LOCAL_PATH } from './vault-ports.ts'
import type { VaultPorts } from './vault-ports.ts'

/**
 * What local.json shows. `file` = sound as it is, and the one written last; `mended` = what to write in its place, null when there is
 * nothing to mend.
 */
export type CheckedLocal = {
  readonly report: VaultCheck['local']
  readonly file: LocalFile | null
  readonly mended: ReadonlyMap<string, RecordEntry> | null
}

const COPY_PATH = `${LOCAL_PATH}.1`

export type LocalEvidence = {
  readonly device: DeviceState
  readonly checker: Checker
  /** Of the vault as it is after a repair. */
  readonly lists: () => Promise<OpenRecords>
}

/** Checks this device's own data, and what of it the copy beside it could replace. */
export async function checkLocal(
  ports: VaultPorts,
  session: Session,
  { device, checker, lists }: LocalEvidence,
): Promise<CheckedLocal> {
  const vaultKey = (): Uint8Array => session.vaultKey()
  const scope: CheckScope = { scope: 'local', vault: session.vault, vaultKey }
  const own = await read(ports, session, device, LOCAL_PATH)
  // Of another device: this one has none yet, and writes its own when it needs to.
  if (own === null || own.isForeign) {
    return { report: { state: 'absent', records: 0, lost: 0 }, file: null, mended: null }
  }
  // Another computer has changed the vault key: the next unlock seals them anew, and a repair would erase them.
  if (own.underOther !== null && session.vkGen > 1) {
    if (isUnderRetiredKey(session, { device, open: await lists() }, own.underOther)) {
      const report = { state: 'intact', records: own.entries.length, lost: 0 } as const
      return { report, file: null, mended: null }
    }
  }
  const records = await checker.records(scope, own.entries)
  // Older data than this device wrote last is not damaged, and none to go on with: a session would believe what is handed on here.
  const file = own.file !== null && isCurrent(device, own.file) ? own.file : null
  if (own.file !== null && records.every(isSound)) {
    return { report: { state: 'intact', records: records.length, lost: 0 }, file, mended: null }
  }
  const copy = await read(ports, session, device, COPY_PATH)
  const copied = copy === null || copy.isForeign ? [] : await checker.records(scope, copy.entries)
  const mended = mend(records, copied, session.vkGen)
  const ids = new Set([...own.entries.map(({ record }) => record.id), ...own.brokenIds])
  const lost = [...ids].filter((id) => !mended.has(id)).length + own.nameless
  return { report: { state: 'damaged', records: records.length, lost }, file, mended }
}

function isCurrent(device: DeviceState, file: LocalFile): boolean {
  try {
    checkLocalPin(device, file)
    return true
  } catch (error) {
    if (error instanceof AppError) return false
    throw error
  }
}

function mend(
  records: readonly CheckedRecord[],
  copied: readonly CheckedRecord[],
  vkGen: number,
): Map<string, RecordEntry> {
  const mended = new Map<string, RecordEntry>()
  const ids = new Set([...records, ...copied].map(({ entry }) => entry.record.id))
  const withId = (id: string, all: readonly CheckedRecord[]): CheckedRecord[] =>
    all.filter(({ entry }) => entry.record.id === id)
  for (const id of ids) {
    const copies = withId(id, copied).map((checked): Copied => ({
      generation: 1,
      checked,
      isAuthentic: false,
    }))
    const evidence = {
      id,
      present: withId(id, records),
      isBroken: false,
      copies,
      latest: null,
      isSuspect: true,
      vkGen,
    }
    const { entry } = judgeRecord(evidence)
    if (entry !== null) mended.set(id, entry)
  }
  return mended
}

type Found = {
  readonly file: LocalFile | null
  /** The whole file where it is well-formed and its MAC is not of the present key. */
  readonly underOther: LocalFile | null
  readonly isForeign: boolean
  readonly entries: readonly RecordEntry[]
  readonly brokenIds: readonly string[]
  /** Pieces in which no id can be made out. */
  readonly nameless: number
}

async function read(
  ports: VaultPorts,
  session: Session,
  device: DeviceState,
  path: string,
): Promise<Found | null> {
  const bytes = await ports.files.read(path, MAX_FILE_BYTES)
  if (bytes === null) return null
  const whole = await readWhole(bytes, ports.pacer())
  const isTrue = whole !== null && isAuthentic(session.localManifestKey(), 'local', whole)
  const { top, entries, broken } = await salvage(bytes, ports.pacer())
  const parsed = LocalTop.safeParse(top)
  const isForeign =
    parsed.success && (parsed.data.dev !== device.device || parsed.data.vault !== session.vault)
  const brokenIds = broken.flatMap(({ ids }) => ids)
  return {
    file: isTrue ? whole : null,
    underOther: isTrue ? null : whole,
    isForeign,
    entries,
    brokenIds,
    nameless: broken.filter(({ ids }) => ids.length === 0).length,
  }
}

async function readWhole(bytes: Uint8Array, pacer: Pacer): Promise<LocalFile | null> {
  try {
    return await readLocalFile(bytes, pacer, await fileDigest(bytes))
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('vault-')) return null
    throw error
  }
}
