import type { JobView } from '../../../main/model/job.ts'
import { texts } from '../../i18n/en.ts'

/** Both ends of a job as they are shown, in the order in which files travel. */
export function jobPlaces(job: JobView): { from: string; to: string } {
  const words = texts.jobs
  const local = job.local === null ? words.detail.noLocalHere : shortPath(job.local)
  const server = job.credential?.name ?? ''
  const remote = `${server}${server === '' ? '' : ': '}${remoteText(job.remote)}`
  return job.direction === 'pull' ? { from: remote, to: local } : { from: local, to: remote }
}

/** A remote folder as it is shown; `.` is the login folder. */
export function remoteText(remote: string | null): string {
  return remote === null || remote === '.' ? texts.jobs.folders.home : remote
}

/** A local path with the home folder of its usual place as `~`; for reading only. */
export function shortPath(path: string): string {
  return path.replace(/^(?:\/home\/[^/]+|\/Users\/[^/]+|[A-Za-z]:\\Users\\[^\\]+)(?=[/\\]|$)/, '~')
}
