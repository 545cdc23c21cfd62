import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { AppError } from '../model/app-error.ts'
import { asAppError, systemCode } from './system-errors.ts'

const FOLDER_NAME = 'Fernsync'
const OWNER_ONLY_FOLDER = 0o700
const OWNER_ONLY_FILE = 0o600
const OTHERS = 0o077
const SUBFOLDERS = ['device', 'device/jobs', 'device/grants', 'device/logs'] as const

/** `f_type` of statfs(2) for file systems whose locks and fsync depend on another machine or on a user-space program. */
const NETWORK_FILE_SYSTEMS = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
  0x01021997, // 9P
  0x5346414f, // AFS
  0x00c36400, // Ceph
  0x65735546, // FUSE: sshfs, rclone mount, and local ones too
])

/** Files and folders that sync clients leave in the folders they replicate. */
const SYNC_MARKERS = [
  /^\.dropbox(\.cache)?$/,
  /^\.st(folder|versions|ignore)$/,
  /^\.?_?sync_[0-9a-f]+\.db$/,
  /^\.(owncloud|nextcloud)sync\.log$/,
  /^\.849C9593-D756-4E56-8D6E-42412F2A707B$/,
] as const
const SYNC_NAMES =
  /^(Dropbox|OneDrive|Nextcloud|ownCloud|Google Drive|iCloud Drive|Mobile Documents)( - .+| \(.+\))?$/i

export type HomeWarning = 'modes-tightened' | 'network-file-system' | 'sync-folder'

export type Home = {
  /** Absolute path without links. */
  readonly path: string
  /** Absolute path of the part that is never replicated. */
  readonly device: string
  readonly warnings: readonly HomeWarning[]
}

export type HomeSurroundings = {
  /** User id that must own the home; null where there is none (Windows). */
  readonly userId?: number | null
  /** `f_type` of a path's file system, null when unknown. */
  readonly fileSystemType?: (path: string) => number | null
  /** Returns when the names in a folder are on the device. */
  readonly syncFolder?: (path: string) => void
}

export type HomeLocation = {
  readonly platform: NodeJS.Platform
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly userHome: string
}

/** Where the home folder is unless `--home` or FERNSYNC_HOME say otherwise: `Fernsync` in the platform's app-data folder. */
export function defaultHomePath({ platform, environment, userHome }: HomeLocation): string {
  if (platform === 'darwin') return join(userHome, 'Library', 'Application Support', FOLDER_NAME)
  if (platform === 'win32')
    return join(environment['APPDATA'] ?? join(userHome, 'AppData', 'Roaming'), FOLDER_NAME)
  const config = environment['XDG_CONFIG_HOME']
  // XDG Base Directory Specification: a relative path in the variable is invalid and ignored.
  return join(config !== undefined && isAbsolute(config) ? config : join(userHome, '.config'), FOLDER_NAME)
}

/**
 * Makes the home folder usable: creates it and its device folder (0700), tightens wider modes of folders and files, refuses
 * another owner, and says what endangers the data. Writes no file. Throws AppError('home-unusable') and AppError('no-space').
 */
export function openHome(path: string, surroundings: HomeSurroundings = {}): Home {
  const { userId = process.getuid?.() ?? null, fileSystemType = statfsType } = surroundings
  try {
    makeFolder(resolve(path), surroundings)
    const home = realpathSync(path)
    const folders = [home, ...SUBFOLDERS.map((folder) => join(home, folder))]
    const warnings: HomeWarning[] = []
    let tightened = false
    for (const folder of folders) {
      if (folder !== home) makeFolder(folder, surroundings)
      refuseForeign(folder, userId)
      if (userId !== null) tightened = tighten(folder) || tightened
    }
    if (tightened) warnings.push('modes-tightened')
    if (NETWORK_FILE_SYSTEMS.has(fileSystemType(home) ?? 0)) warnings.push('network-file-system')
    if (isInSyncFolder(home)) warnings.push('sync-folder')
    return { path: home, device: join(home, 'device'), warnings }
  } catch (error) {
    throw unusable(error)
  }
}

/** What is written durably into a folder is lost all the same when a power cut takes the folder's own name. */
function makeFolder(path: string, { syncFolder = fsyncFolder }: HomeSurroundings): void {
  const first = mkdirSync(path, { recursive: true, mode: OWNER_ONLY_FOLDER })
  if (first === undefined) return
  for (let made = path; ; made = dirname(made)) {
    syncFolder(dirname(made))
    if (made === first) return
  }
}

/** Folders that may be written but not read, and file systems that sync no folders. */
const CANNOT_SYNC = new Set(['EACCES', 'EPERM', 'EINVAL', 'ENOTSUP'])

function fsyncFolder(path: string): void {
  // Windows has no such call; NTFS journals names itself.
  if (process.platform === 'win32') return
  try {
    const folder = openSync(path, 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
  } catch (error) {
    if (!CANNOT_SYNC.has(systemCode(error))) throw error
  }
}

/** Whatever the system says here - a file stands in the folder's place, for one -, the folder cannot be used. */
function unusable(error: unknown): AppError {
  const known = asAppError(error, 'opening the home folder')
  if (known.code !== 'internal') return known
  return new AppError('home-unusable', known.message, { cause: error, details: known.details })
}

function refuseForeign(folder: string, userId: number | null): void {
  const found = lstatSync(folder)
  if (!found.isDirectory()) throw new AppError('home-unusable', 'a file is in the place of a home folder')
  if (userId !== null && found.uid !== userId)
    throw new AppError('home-unusable', 'the home folder belongs to another user', {
      details: { owner: found.uid },
    })
}

/** Takes the rights of group and others from a folder and the files in it; true when there were any. */
function tighten(folder: string): boolean {
  const paths = readdirSync(folder).map((name) => join(folder, name))
  const files = paths.filter((path) => isWideFile(path))
  const wide = (statSync(folder).mode & OTHERS) !== 0
  if (wide) chmodSync(folder, OWNER_ONLY_FOLDER)
  for (const file of files) chmodSync(file, OWNER_ONLY_FILE)
  return wide || files.length > 0
}

function isWideFile(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found !== undefined && found.isFile() && (found.mode & OTHERS) !== 0
}

/** True when a folder above is known to belong to a sync client, by its name or by what the client leaves in it. */
export function isInSyncFolder(home: string): boolean {
  for (let folder = home; ; folder = dirname(folder)) {
    if (SYNC_NAMES.test(basename(folder)) || namesIn(folder).some(isSyncMarker)) return true
    if (dirname(folder) === folder) return false
  }
}

function isSyncMarker(name: string): boolean {
  return SYNC_MARKERS.some((marker) => marker.test(name))
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function statfsType(path: string): number | null {
  try {
    return statfsSync(path).type
  } catch {
    return null
  }
}
