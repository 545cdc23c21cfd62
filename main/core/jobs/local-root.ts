import { AppError } from '../../model/app-error.ts'

/** Folders that hold the homes of a machine's people, on the systems that Fernsync runs on. */
const homesOf = ['/home', '/Users', '/var/home', '/usr/home', '/export/home']
const homesOfWindows = 'Users'

/** True when `inner` is `outer` or lies in it. Absolute paths with links resolved; `\` counts as `/`. */
export function isWithin(inner: string, outer: string): boolean {
  const [a, b] = [plain(inner), plain(outer)]
  return a === b || a.startsWith(`${b}/`)
}

/** One spelling per place: Windows tells neither its slashes nor its cases apart. */
function plain(path: string): string {
  const slashed = path.replaceAll('\\', '/').replace(/\/+$/, '')
  return /^[A-Za-z]:/.test(slashed) ? slashed.toLowerCase() : slashed
}

/**
 * Refuses local roots whose loss would be a catastrophe: the file-system root, a folder that holds home folders (of this
 * person or of others, as root sees them), and anything that overlaps Fernsync's own home. All paths are absolute with links
 * resolved: a link to one of these folders is that folder. Throws AppError('unsafe-root').
 */
export function checkLocalRoot(realPath: string, places: { userHome: string; fernsyncHome: string }): void {
  const isRoot = /^([A-Za-z]:)?[\\/]*$/.test(realPath)
  const isOwnHome = plain(realPath) === plain(places.userHome)
  const holdsOwnHome = !isOwnHome && isWithin(places.userHome, realPath)
  const overlaps = isWithin(places.fernsyncHome, realPath) || isWithin(realPath, places.fernsyncHome)
  if (isRoot || holdsOwnHome || holdsHomes(realPath) || overlaps) {
    throw new AppError('unsafe-root', 'local root is not safe to sync')
  }
}

/** By name, because root's own home says nothing of where the others live. */
function holdsHomes(realPath: string): boolean {
  const path = plain(realPath)
  const drive = /^[a-z]:/.exec(path)?.[0]
  if (drive !== undefined) return path === plain(`${drive}/${homesOfWindows}`)
  // The usual file system of macOS tells no cases apart.
  return homesOf.some((homes) => homes.toLowerCase() === path.toLowerCase())
}
