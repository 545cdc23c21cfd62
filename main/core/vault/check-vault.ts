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
  let salts: Salts | null = null
  for (const piece of pieces) {
    const named = piece.ids.filter((id) => !present.has(id))
    const known = named.filter((id) => copied.has(id))
    const likely = known.length > 0 ? known : bySalt(piece, (salts ??= saltsOf(copied)), present)
    for (const id of likely.length > 0 ? likely : named) ids.add(id)
    if (likely.length === 0 && named.length === 0) nameless.push(piece)
  }
  return { ids, nameless }
}

/** Whose records each salt of the copies is, and what is needed to find one of them anywhere in a text. */
type Salts = {
  readonly ids: ReadonlyMap<string, string>
  readonly lengths: ReadonlySet<number>
  readonly ends: ReadonlySet<number>
}

function saltsOf(copied: ReadonlyMap<string, readonly Copied[]>): Salts {
  const ids = new Map<string, string>()
  for (const [id, copies] of copied) {
    for (const { checked } of copies) {
      const { meta, secret } = checked.entry.record
      for (const part of [meta, secret]) if (part !== undefined && part.salt !== '') ids.set(part.salt, id)
    }
  }
  const all = [...ids.keys()]
  return {
    ids,
    lengths: new Set(all.map(({ length }) => length)),
    ends: new Set(all.map((salt) => salt.charCodeAt(salt.length - 1))),
  }
}

/** In one pass: each salt looked for in each piece would take minutes when all ids of a large vault are gone. */
function bySalt({ text }: BrokenPiece, salts: Salts, present: ReadonlyMap<string, unknown>): string[] {
  const found = new Set<string>()
  for (const length of salts.lengths) {
    for (let end = length; end <= text.length; end += 1) {
      if (!salts.ends.has(text.charCodeAt(end - 1))) continue
      const id = salts.ids.get(text.slice(end - length, end))
      if (id !== undefined && !present.has(id)) found.add(id)
    }
  }
  return [...found]
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
