import * as z from 'zod'
import { AppError } from '../../model/app-error.ts'
import { Uuid } from '../../model/ids.ts'
import { fromUtf8, utf8 } from '../crypto/bytes.ts'
import { RemoteError } from '../remote/remote-error.ts'
import { parseRemotePath, rootPath } from '../remote/remote-path.ts'
import type { RemotePath } from '../remote/remote-path.ts'
import type { FileEntry, Remote, Source } from '../remote/remote.ts'
import type { SideName } from './file-state.ts'
import type { Session, Side } from './session.ts'

const MAX_MARKER_BYTES = 4096
/** In place of the id of a marker that is not ours; equal to no id. */
const UNREADABLE = 'unreadable'

const Marker = z.object({ format: z.literal('fernsync-root/1'), job: Uuid, root: Uuid })

/** What the two roots are, as far as can be seen without writing. */
export type Roots = {
  /** The side whose root is gone; null when both are there or the target may be made. */
  readonly missing: SideName | null
  /** False when the first push has to make the target. */
  readonly hasTarget: boolean
  readonly sourceIdentity: string | null
  /** Id in the marker of the target; null without one, `unreadable` for one that is not ours. */
  readonly targetMarker: string | null
  /** When an earlier run last wrote on the target, by the target's clock; null when unknown. */
  readonly targetTime: number | null
  /** True when a root is not the one of the last run. */
  readonly isReplaced: boolean
}

/** `.fernsync/<job id>`, which holds the marker and the safety folders of a job. */
export function jobFolder({ context }: Session): RemotePath {
  return parseRemotePath(`.fernsync/${context.job.id}`)
}

type OwnFile = 'root.json' | 'clock'

function ownFile(session: Session, name: OwnFile): RemotePath {
  return parseRemotePath(`${jobFolder(session)}/${name}`)
}

/**
 * Looks at both roots. A marker that only exists proves nothing: it must carry the id that this device recorded. Rejects with
 * RemoteError when a side cannot be asked, and with `wrong-kind` when a root is a file.
 */
export async function inspectRoots(session: Session): Promise<Roots> {
  const { source, target, database, signal } = session
  const [hasSource, hasTarget] = await Promise.all([isThere(source, signal), isThere(target, signal)])
  const none = { hasTarget, sourceIdentity: null, targetMarker: null, targetTime: null, isReplaced: false }
  const known = database.fact(`marker.${target.name}`)
  // Only a remote root that never was is made; a local folder is chosen by a person and exists.
  const mayMake = target.name === 'remote' && known === null
  if (!hasSource) return { ...none, missing: source.name }
  if (!hasTarget && !mayMake) return { ...none, missing: target.name }
  const sourceIdentity = (await source.remote.rootIdentity?.(signal)) ?? null
  const [marker, clock] = hasTarget
    ? await Promise.all([readMarker(session), readClock(session)])
    : [null, null]
  const isTargetOther = known !== null && marker !== known
  return {
    missing: null,
    hasTarget,
    sourceIdentity,
    targetMarker: marker,
    targetTime: clock,
    isReplaced: isTargetOther || isOther(database.fact(`identity.${source.name}`), sourceIdentity),
  }
}

/** Not every side can name what is behind its root; only two names prove a difference. */
function isOther(known: string | null, now: string | null): boolean {
  return known !== null && now !== null && known !== now
}

async function isThere({ remote }: Side, signal: AbortSignal): Promise<boolean> {
  const entry = await remote.stat(rootPath, signal)
  if (entry?.kind === 'file') throw new RemoteError('wrong-kind', 'the root is a file')
  return entry !== null
}

/** The id in the marker of the target. */
async function readMarker(session: Session): Promise<string | null> {
  const { target, context, signal } = session
  const path = ownFile(session, 'root.json')
  const entry = await target.remote.stat(path, signal)
  if (entry === null) return null
  if (entry.kind !== 'file' || entry.size > MAX_MARKER_BYTES) return UNREADABLE
  const marker = Marker.safeParse(await readJson(target.remote, path, signal)).data
  return marker?.job === context.job.id ? marker.root : UNREADABLE
}

/** When the target's clock last wrote for this job, by that clock; null when it never did. */
async function readClock(session: Session): Promise<number | null> {
  const entry = await session.target.remote.stat(ownFile(session, 'clock'), session.signal)
  return entry?.kind === 'file' ? entry.modTime : null
}

/** The JSON value of a small file; null when it is none. */
async function readJson(remote: Remote, path: RemotePath, signal: AbortSignal): Promise<unknown> {
  const bytes = new Uint8Array(MAX_MARKER_BYTES)
  let length = 0
  for await (const chunk of remote.read(path, 0, signal)) {
    if (length + chunk.length > bytes.length) return null
    bytes.set(chunk, length)
    length += chunk.length
  }
  try {
    return JSON.parse(fromUtf8(bytes.subarray(0, length))) as unknown // parsed by the schema of the caller
  } catch {
    return null
  }
}

/**
 * Makes the target's root and our folder in it when they are missing, and writes the marker when it is not there. Resolves to
 * how far the target's clock is from ours in milliseconds, 0 when it cannot be told. What this finds counts as the roots of
 * the job from now on.
 */
export async function claimRoots(session: Session, roots: Roots): Promise<number> {
  const { target, source, context, database, signal } = session
  const fact = `marker.${target.name}` as const
  const found = Uuid.safeParse(roots.targetMarker).data ?? null
  const root = database.fact(fact) ?? found ?? context.random.uuid()
  if (!roots.hasTarget) await target.remote.mkdir(rootPath, signal)
  await target.remote.mkdir(jobFolder(session), signal)
  if (roots.targetMarker !== root) {
    const marker = { format: 'fernsync-root/1', job: context.job.id, root }
    await writeText(session, 'root.json', JSON.stringify(marker))
  }
  database.setFact(fact, root)
  database.setFact(`identity.${source.name}`, roots.sourceIdentity)
  const askedAt = context.clock.now()
  // A file of its own: where replacing is two steps, an interruption must not cost the marker.
  const { modTime } = await writeText(session, 'clock', '')
  return modTime === null ? 0 : clockDistance(modTime, askedAt, context.clock.now())
}

function writeText(session: Session, name: OwnFile, text: string): Promise<FileEntry> {
  const bytes = utf8(text)
  const source: Source = {
    size: bytes.length,
    modTime: null,
    async *open() {
      if (bytes.length > 0) yield await Promise.resolve(bytes)
    },
  }
  return session.target.remote.write(ownFile(session, name), source, 'replace', session.signal)
}

/** How far a moment is outside of the span in which it must have been. */
function clockDistance(time: number, from: number, to: number): number {
  return Math.max(0, from - time, time - to)
}

/** How far this clock is behind what earlier runs and the target have seen: time does not run backwards. */
export function clockOffSinceLastRun(session: Session, roots: Roots): number {
  const now = session.context.clock.now()
  const lastEnded = Number(session.database.fact('last-ended') ?? 0)
  return Math.max(0, lastEnded - now, (roots.targetTime ?? 0) - now)
}

/** Throws unless the roots are those that a stored plan was made for. */
export function expectSameRoots(
  { database, target }: Session,
  seen: { readonly sourceIdentity: string | null; readonly targetMarker: string | null },
  roots: Roots,
): void {
  // A plan of before the first run saw no marker; the one that is there now must be the one we wrote.
  const expected = seen.targetMarker ?? database.fact(`marker.${target.name}`)
  if (seen.sourceIdentity === roots.sourceIdentity && roots.targetMarker === expected) return
  throw new AppError('root-replaced', 'approve: a root is not the one that the plan was made for')
}
