import type { VaultApi } from '../../../main/core/vault/vault-api.ts'
import { byPassword, furnish } from './commands.ts'
import type { Command } from './commands.ts'
import { look, opens } from './contents.ts'
import type { Seen, Way } from './contents.ts'
import { digestOf, emptyDisk, filesOf, settledDisk } from './disk.ts'
import type { Disk, DiskState, Fault } from './disk.ts'
import type { Lab } from './lab.ts'
import { createSeeded } from './seeded-random.ts'

/** A command ready to be run as often as wanted from the very same disk. */
export type Rehearsal = {
  readonly command: Command
  /** What is seen before and after it. */
  readonly before: Seen
  readonly after: Seen
  /** Runs the command; `fault` counts calls from its first one. */
  readonly perform: (fault?: Fault) => Promise<Performance>
  readonly look: (state: DiskState) => Promise<Seen>
}

export type Performance = {
  readonly disk: Disk
  readonly vault: VaultApi
  /** What it rejected with, null when it resolved: its acknowledgement. */
  readonly error: unknown
  /** How many calls had been made, and how many that change something, before the command and when it ended. */
  readonly calls: readonly [from: number, to: number]
  readonly changes: readonly [from: number, to: number]
}

/** Prepares the disk of a command and runs it once undisturbed. Throws when that alone fails. */
export async function rehearse(lab: Lab, command: Command, seed: number): Promise<Rehearsal> {
  const start = await startOf(lab, command, seed)
  const perform = (fault?: Fault): Promise<Performance> => performOn(lab, command, { start, seed, fault })
  const ways = command.ways ?? [byPassword]
  const known = new Map<string, Promise<Seen>>()
  const lookAnew = async (state: DiskState): Promise<Seen> => {
    const disk = lab.disk(state)
    const seen = await look(() => lab.vaultOn(disk), ways)
    if (seen.state !== 'open') return seen
    const closed = ways.filter(({ name }) => !seen.ways.includes(name))
    const why = await purged(lab, disk, closed)
    return why === null ? seen : { state: 'lost', why }
  }
  const lookAt = (state: DiskState): Promise<Seen> => {
    const digest = digestOf(state)
    const seen = known.get(digest) ?? lookAnew(state)
    known.set(digest, seen)
    return seen
  }
  const clean = await perform()
  if (clean.error !== null) throw new Error(`${command.name} fails undisturbed`, { cause: clean.error })
  return {
    command,
    before: await lookAt(start),
    after: await lookAt(clean.disk.state()),
    perform,
    look: lookAt,
  }
}

/** Once a vault is open, none of its generations may open in a way that does not lead into the vault itself. */
async function purged(lab: Lab, disk: Disk, ways: readonly Way[]): Promise<string | null> {
  const files = filesOf(disk.state())
  for (const n of [1, 2, 3]) {
    const bytes = files.get(`${lab.home}/vault.json.${n}`)
    if (bytes === undefined) continue
    for (const way of ways) {
      const alone = lab.disk(withFile(emptyDisk(lab.home), `${lab.home}/vault.json`, bytes))
      if (await opens(lab.vaultOn(alone), way)) return `generation ${n} opens with ${way.name}`
    }
  }
  return null
}

/** A disk with one more file, settled. */
export function withFile(state: DiskState, path: string, bytes: Uint8Array): DiskState {
  const node = Math.max(0, ...state.contents.keys()) + 1
  const names = new Map(state.names).set(path, node)
  const content = { bytes, synced: bytes, isPoisoned: false }
  return settledDisk({ ...state, names, contents: new Map(state.contents).set(node, content) })
}

async function startOf(lab: Lab, command: Command, seed: number): Promise<DiskState> {
  const disk = lab.disk(emptyDisk(lab.home))
  const vault = lab.vaultOn(disk, createSeeded(seed, 'prepare', command.name).port)
  if (command.from === 'vault') await furnish(vault)
  await command.prepare?.(vault)
  if (command.interrupts === undefined) {
    await vault.lock()
    return settledDisk(disk.state())
  }
  const from = disk.history.length
  await command.interrupts(vault)
  const changes = disk.calls.filter((call) => call.changes)
  const renamed = changes.findIndex(
    ({ name, path }, index) => index >= from && name === 'rename' && path === `${lab.home}/vault.json`,
  )
  const cut = disk.history[renamed + 1]
  if (renamed === -1 || cut === undefined) throw new Error(`${command.name}: nothing to interrupt`)
  return settledDisk(cut)
}

type Performing = { readonly start: DiskState; readonly seed: number; readonly fault: Fault | undefined }

async function performOn(
  lab: Lab,
  command: Command,
  { start, seed, fault }: Performing,
): Promise<Performance> {
  let first = Number.POSITIVE_INFINITY
  let isOver = false
  const disk = lab.disk(start, (call, index) =>
    index < first || isOver ? null : (fault?.(call, index - first) ?? null),
  )
  const vault = lab.vaultOn(disk, createSeeded(seed, 'run', command.name).port)
  if (command.isLocked !== true) await opens(vault, command.ways?.[0] ?? byPassword)
  first = disk.calls.length
  const changes = disk.history.length
  const error = await command.run(vault).then(
    () => null,
    (reason: unknown) => reason ?? new Error('rejected with nothing'),
  )
  isOver = true
  return {
    disk,
    vault,
    error,
    calls: [first, disk.calls.length],
    changes: [changes, disk.history.length],
  }
}
