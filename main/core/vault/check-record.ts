import { AppError } from '../../model/app-error.ts'
import type { FaultyPart } from '../../model/vault-check.ts'
import type { RecordEntry } from './record-file.ts'
import { LocalMeta, SecretPayload } from './record-kinds.ts'
import type { RecordKind } from './record-kinds.ts'
import { openPart } from './record-parts.ts'
import type { PartPlace, Payload } from './record-parts.ts'
import type { PastRevision, SealedPart } from './record-schema.ts'

/** What the parts of one record show when each of them is opened. Holds no secret: the payloads are dropped at once. */
export type CheckedRecord = {
  readonly entry: RecordEntry
  /** Of the present revision; [] = sound. */
  readonly faults: readonly FaultyPart[]
  /** In the order of the record; `fault` null = sound. */
  readonly past: readonly CheckedRevision[]
  /** Parts opened well. */
  readonly tokens: number
} & Told

/** What a meta part says of its revision; null when it does not open. */
export type Told = {
  readonly name: string | null
  readonly kind: string | null
  readonly changed: string | null
}

export type CheckedRevision = {
  readonly revision: PastRevision
  readonly fault: FaultyPart | null
} & Told

/** Whose records are checked; `vaultKey` throws AppError('locked') once a lock came in between. */
export type CheckScope = {
  readonly scope: PartPlace['scope']
  readonly vault: string
  readonly vaultKey: () => Uint8Array
}

/** Opens every part of a record and of its history. Never throws but AppError('locked'). */
export function checkRecord(scope: CheckScope, entry: RecordEntry): CheckedRecord {
  const { id, hist, ...head } = entry.record
  const present = checkRevision(scope, id, head)
  const past: CheckedRevision[] = []
  let { tokens } = present
  let above: PastRevision = head
  for (const revision of hist) {
    const checked = checkRevision(scope, id, revision)
    tokens += checked.tokens
    // Of two devices, two revisions may bear one number; going up, or one revision twice, is nothing we write.
    const isInOrder = revision.rev < above.rev || (revision.rev === above.rev && revision.dev !== above.dev)
    const [worst] = checked.faults
    const fault = worst?.fault ?? (isInOrder ? null : 'wrong-content')
    past.push({
      revision,
      fault: fault === null ? null : { part: 'history', rev: revision.rev, fault },
      name: checked.name,
      kind: checked.kind,
      changed: checked.changed,
    })
    if (isInOrder) above = revision
  }
  const { faults, name, kind, changed } = present
  return { entry, faults, past, tokens, name, kind, changed }
}

/** True when nothing of the record, its history included, is wrong. */
export function isSound({ faults, past }: CheckedRecord): boolean {
  return faults.length === 0 && past.every(({ fault }) => fault === null)
}

const ourKinds: ReadonlySet<unknown> = new Set<RecordKind>(['credential', 'job', 'device', 'settings'])

type CheckedParts = Pick<CheckedRecord, 'faults' | 'tokens'> & Told

function checkRevision(scope: CheckScope, id: string, revision: PastRevision): CheckedParts {
  const { rev } = revision
  const faults: FaultyPart[] = []
  let tokens = 0
  const check = (part: 'meta' | 'secret', isRight: (payload: Payload) => boolean): Payload | null => {
    const payload = open(scope, part, id, revision)
    if (payload === undefined) return null
    if (payload === null) faults.push({ part, rev, fault: 'not-opened' })
    else if (isRight(payload)) tokens += 1
    else faults.push({ part, rev, fault: 'wrong-content' })
    return payload
  }
  const meta = check(
    'meta',
    (payload) => revision.meta !== undefined && isRightMeta(scope, revision, payload),
  )
  if (revision.meta === undefined) faults.push({ part: 'meta', rev, fault: 'wrong-content' })
  check('secret', (payload) => revision.deleted !== true && SecretPayload.safeParse(payload).success)
  return { faults, tokens, ...described(meta) }
}

/**
 * A tombstone keeps the title and no fields, everything else has fields: so a flag set or taken away in clear shows. Kinds of
 * newer programs are taken as they are.
 */
function isRightMeta({ scope }: CheckScope, { deleted }: PastRevision, payload: Payload): boolean {
  if (scope === 'local') return LocalMeta.safeParse(payload).success
  const hasFields = 'fields' in payload
  return deleted === true ? !hasFields : hasFields || !ourKinds.has(payload['_kind'])
}

function described(meta: Payload | null): Told {
  const text = (field: string): string | null => {
    const value = meta?.[field]
    return typeof value === 'string' ? value : null
  }
  return { name: text('title'), kind: text('_kind'), changed: text('changed') }
}

/** Undefined when there is no such part, null when it does not open. */
function open(
  { scope, vault, vaultKey }: CheckScope,
  part: 'meta' | 'secret',
  id: string,
  revision: PastRevision,
): Payload | null | undefined {
  const sealed: SealedPart | undefined = revision[part]
  if (sealed === undefined) return undefined
  const { rev, dev } = revision
  const key = vaultKey()
  try {
    return openPart(key, { scope, part, vault, id, rev, dev }, sealed)
  } catch (error) {
    if (error instanceof AppError && error.code === 'vault-damaged') return null
    throw error
  }
}
