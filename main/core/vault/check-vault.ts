import type { CheckProgress, DamagedRecord, VaultCheck } from '../../model/vault-check.ts'
import { createChecker, createProgress } from './check-files.ts'
import type { CheckedFile, FoundFiles } from './check-files.ts'
import { checkLocal } from './check-local.ts'
import type { CheckedLocal } from './check-local.ts'
import type { CheckedRecord } from './check-record.ts'
import type { DeviceState } from './device-memory.ts'
import { judgeRecord } from './judge-record.ts'
import type { Copied } from './judge-record.ts'
import { openRecords } from './open-records.ts'
import type { OpenRecords } from './open-records.ts'
import type { RecordEntry } from './record-file.ts'
import type { BrokenPiece } from './salvage.ts'
import type { Session } from './session.ts'
import type { VaultPorts } from './vault-ports.ts'

export type CheckedVault = {
  readonly report: VaultCheck
  readonly vault: CheckedFile | null
  readonly copies: readonly CheckedFile[]
  /** The records to go on with. */
  readonly records: ReadonlyMap<string, RecordEntry>
  readonly local: CheckedLocal
}

/** Checks everything that `files` holds and this device's own data; writes nothing. Throws AppError('locked') after a lock. */
export async function checkVault(
  ports: VaultPorts,
  session: Session,
  { device, files }: { readonly device: DeviceState; readonly files: FoundFiles },
  onProgress: (progress: CheckProgress) => void,
): Promise<CheckedVault> {
  const all = [...(files.vault === null ? [] : [files.vault]), ...files.copies]
  const total = all.reduce((sum, { found }) => sum + found.entries.length, 0)
  const onStep = createProgress(() => ports.clock.monotonic(), total, onProgress)
  const checker = createChecker({ session, device, pacer: ports.pacer(), onStep })
  const vault = files.vault === null ? null : await checker.file(files.vault)
  const copies: CheckedFile[] = []
  for (const copy of files.copies) copies.push(await checker.file(copy))
  const { damaged, records } = judge(vault, copies, { vkGen: session.vkGen, device })
  const lists = async (): Promise<OpenRecords> =>
    (await openRecords(session, records, ports.pacer(), ports.log)).open
  const local = await checkLocal(ports, session, { device, checker, lists })

  const faults = vault === null ? (['missing'] as const) : vault.faults
  const generations = copies.map(({ n, state, records: checked }) => {
    const faulty = checked.filter(
      (one) => one.faults.length > 0 || one.past.some(({ fault }) => fault !== null),
    )
    return { n, state, records: checked.length, damaged: faulty.length }
  })
  const isIntact =
    faults.length === 0 && damaged.length === 0 && generations.every(({ state }) => state === 'intact')
  const report: VaultCheck = {
    ok: isIntact && local.report.state !== 'damaged',
    vault: session.vault,
    faults: [...faults],
    records: vault?.records.length ?? 0,
    tokens: (vault?.records ?? []).reduce((sum, { tokens }) => sum + tokens, 0),
    damaged,
    local: local.report,
    generations,
    repaired: false,
    keptAs: null,
  }
  return { report, vault, copies, records, local }
}

function judge(
  vault: CheckedFile | null,
  copies: readonly CheckedFile[],
  { vkGen, device }: { readonly vkGen: number; readonly device: DeviceState },
): { damaged: DamagedRecord[]; records: Map<string, RecordEntry> } {
  const present = byId(vault?.records ?? [])
  const copied = copiesById(copies)
  const isSuspect = vault === null || vault.faults.length > 0
  const broken = attribute(vault?.broken ?? [], copied, present)
  const latest = new Map(device.latest.map((one) => [one.id, one]))
  const records = new Map<string, RecordEntry>()
  const damaged: DamagedRecord[] = []
  // What a file that is just as written does not hold, it does not hold for a reason.
  const ids = new Set([
    ...present.keys(),
    ...broken.ids,
    ...(isSuspect ? [...copied.keys(), ...latest.keys()] : []),
  ])
  for (const id of ids) {
    const evidence = {
      id,
      present: present.get(id) ?? [],
      isBroken: broken.ids.has(id),
      copies: copied.get(id) ?? [],
      latest: latest.get(id) ?? null,
      isSuspect,
      vkGen,
    }
    const { entry, damage } = judgeRecord(evidence)
    if (entry !== null) records.set(id, entry)
    if (damage !== null) damaged.push(damage)
  }
  return { damaged: [...damaged, ...broken.nameless.map(namelessDamage)], records }
}

function byId(records: readonly CheckedRecord[]): Map<string, CheckedRecord[]> {
  const map = new Map<string, CheckedRecord[]>()
  for (const checked of records) {
    const { id } = checked.entry.record
    map.set(id, [...(map.get(id) ?? []), checked])
  }
  return map
}

function copiesById(copies: readonly CheckedFile[]): Map<string, Copied[]> {
  const map = new Map<string, Copied[]>()
  for (const { n, records, isAuthentic } of copies) {
    for (const checked of records) {
      const { id } = checked.entry.record
      map.set(id, [...(map.get(id) ?? []), { generation: n, checked, isAuthentic }])
    }
  }
  return map
}

/**
 * Whose text each broken piece was: of an id in it that is nowhere else in the file, or of a record whose salts it holds. A piece
 * that tells neither is reported by itself.
 */
function attribute(
  pieces: readonly BrokenPiece[],
  copied: ReadonlyMap<string, readonly Copied[]>,
  present: ReadonlyMap<string, unknown>,
): { ids: ReadonlySet<string>; nameless: readonly BrokenPiece[] } {
  const ids = new Set<string>()
  const nameless: BrokenPiece[] = []
  for (const piece of pieces) {
    const named = piece.ids.filter((id) => !present.has(id))
    const known = named.filter((id) => copied.has(id))
    const likely = known.length > 0 ? known : bySalt(piece, copied, present)
    for (const id of likely.length > 0 ? likely : named) ids.add(id)
    if (likely.length === 0 && named.length === 0) nameless.push(piece)
  }
  return { ids, nameless }
}

function bySalt(
  { text }: BrokenPiece,
  copied: ReadonlyMap<string, readonly Copied[]>,
  present: ReadonlyMap<string, unknown>,
): string[] {
  const isIn = ({ checked }: Copied): boolean => {
    const { meta, secret } = checked.entry.record
    return [meta, secret].some((part) => part !== undefined && text.includes(part.salt))
  }
  return [...copied].filter(([id, copies]) => !present.has(id) && copies.some(isIn)).map(([id]) => id)
}

function namelessDamage(): DamagedRecord {
  return {
    id: null,
    name: null,
    kind: null,
    parts: [{ part: 'record', rev: null, fault: 'unreadable' }],
    remedy: 'lost',
    generation: null,
    rev: null,
    changed: null,
    dropped: 0,
  }
}
