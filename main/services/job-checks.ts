import { checkLocalRoot, isWithin } from '../core/jobs/local-root.ts'
import { errorMessages } from '../messages/en/errors.ts'
import { AppError } from '../model/app-error.ts'
import type { JobDraft } from '../model/job.ts'
import type { ServicePorts } from './service-ports.ts'

export type PlacePorts = Pick<ServicePorts, 'home' | 'userFiles'>

/**
 * The real path of a local folder as a person named it. Throws AppError('bad-request') naming the field when it is no
 * folder, AppError('unsafe-root') when syncing it could lose what must not be lost.
 */
export async function checkedLocal(ports: PlacePorts, path: string): Promise<string> {
  const { userFiles } = ports
  const facts = await about('local', userFiles.inspectFolder(userFiles.absolute(path)))
  if (facts === null) throw wrong('local', 'The folder does not exist.')
  await refuseUnsafe(ports, facts.realPath)
  return facts.realPath
}

type SafetyChoice = Pick<JobDraft, 'direction' | 'local' | 'safety'>

/**
 * The safety folder that a job shall have from now on, as a patch: `{}` = as it was. `current` is the stored job, null for a
 * new one; `change` is what is being changed about it. A server takes its folder as it is; a local one (jobs that pull) is
 * made absolute and must be as safe as a root, outside the folder it protects, and need not exist yet. A folder of one side
 * means nothing on the other: turning a job round needs it said again (null = the usual place). Throws
 * AppError('bad-request' | 'unsafe-root').
 */
export async function checkedSafety(
  ports: PlacePorts,
  current: SafetyChoice | null,
  change: Partial<SafetyChoice>,
): Promise<{ safety?: string | null }> {
  const next = { direction: null, local: null, safety: null, ...current, ...change }
  const isGiven = change.safety !== undefined
  if (next.safety === null) return isGiven ? { safety: null } : {}
  if (!isGiven && next.direction !== current?.direction)
    throw wrong('safety', 'The direction changes, so it is needed again.')
  if (next.direction !== 'pull') return isGiven ? { safety: next.safety } : {}
  const { userFiles } = ports
  const realPath = (path: string, field: 'local' | 'safety'): Promise<string> =>
    about(field, userFiles.realPath(userFiles.absolute(path)))
  const safety = isGiven ? await realPath(next.safety, 'safety') : next.safety
  if (isGiven) await refuseUnsafe(ports, safety)
  if (next.local !== null && isWithin(safety, await realPath(next.local, 'local')))
    throw wrong('safety', 'A folder outside the synced one is expected.')
  return isGiven ? { safety } : {}
}

/** What a look at the file system found wrong with a path belongs to the field that named it. */
async function about<T>(field: 'local' | 'safety', look: Promise<T>): Promise<T> {
  try {
    return await look
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    throw wrong(field, errorMessages[error.code].sentence, error)
  }
}

async function refuseUnsafe({ userFiles, home }: PlacePorts, realPath: string): Promise<void> {
  const fernsyncHome = await userFiles.realPath(home)
  checkLocalRoot(realPath, { userHome: userFiles.homeDirectory(), fernsyncHome })
}

function wrong(field: string, why: string, cause?: unknown): AppError {
  return new AppError('bad-request', `job: ${field}`, { cause, details: { field, why } })
}
