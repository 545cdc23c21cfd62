import { equalBytes, fromHex } from '../crypto/bytes.ts'
import { startSha256 } from '../crypto/sha256-stream.ts'
import type { RemotePath } from '../remote/remote-path.ts'
import type { FileEntry } from '../remote/remote.ts'
import { afterCheck } from './compare.ts'
import type { CompareRules, ContentCheck, Verdict } from './compare.ts'
import { stateOf } from './file-state.ts'
import type { Settled } from './make-plan.ts'
import { runPool } from './pool.ts'
import { codeOf, endsRun } from './session.ts'
import type { Session, Side } from './session.ts'

/** Files hashed at once. Hashing is bound by one core, reading by latency. */
const MAX_CHECKS = 16

/** A pair whose content has to decide. */
export type OpenCheck = {
  readonly key: string
  readonly source: FileEntry
  readonly target: FileEntry
  readonly verdict: Extract<Verdict, { kind: 'check' }>
}

/**
 * Reads the content of all open pairs and settles them. A file that cannot be read becomes a problem of its own; rejects only with
 * codes that end the run.
 */
export async function settleChecks(
  session: Session,
  checks: readonly OpenCheck[],
  rules: CompareRules,
  settled: Map<string, Settled>,
): Promise<void> {
  const { source, target } = session
  const limit = Math.min(
    MAX_CHECKS,
    source.remote.features.maxConcurrency,
    target.remote.features.maxConcurrency,
  )
  await runPool(checks, Math.max(1, limit), async (open) => {
    session.progress.current(open.source.path)
    settled.set(open.key, await settleOne(session, open, rules))
  })
}

async function settleOne(session: Session, open: OpenCheck, rules: CompareRules): Promise<Settled> {
  try {
    const { isEqual, sha } = await compareContent(session, open, open.verdict.check)
    const pair = { source: stateOf(open.source), target: stateOf(open.target) }
    return afterCheck(pair, { isEqual, sha, reason: open.verdict.reason }, rules)
  } catch (error) {
    const code = codeOf(error)
    if (endsRun(code)) throw error
    return { kind: 'problem', code }
  }
}

async function compareContent(
  session: Session,
  { source, target }: OpenCheck,
  check: ContentCheck,
): Promise<{ isEqual: boolean; sha: Uint8Array | null }> {
  const hashSource = (): Promise<Uint8Array> => hashOf(session.source, source.path, session.signal)
  const hashTarget = (): Promise<Uint8Array> => hashOf(session.target, target.path, session.signal)
  if (check.what === 'sides') {
    const [left, right] = await Promise.all([hashSource(), hashTarget()])
    return { isEqual: equalBytes(left, right), sha: left }
  }
  const { sha, what } = check
  if (what !== 'target' && !equalBytes(await hashSource(), sha)) return { isEqual: false, sha: null }
  if (what !== 'source' && !equalBytes(await hashTarget(), sha)) return { isEqual: false, sha: null }
  return { isEqual: true, sha }
}

/** SHA-256 of a file: computed by the server where it can, else of what is read. */
async function hashOf({ remote }: Side, path: RemotePath, signal: AbortSignal): Promise<Uint8Array> {
  const given = (await remote.hash?.(path, 'sha256', signal)) ?? null
  if (given !== null && /^[0-9a-f]{64}$/i.test(given)) return fromHex(given.toLowerCase())
  const hash = startSha256()
  for await (const chunk of remote.read(path, 0, signal)) hash.update(chunk)
  return hash.digest()
}
