import { rootPath } from '../../core/remote/remote-path.ts'
import type { Features } from '../../core/remote/remote.ts'
import type { Disk } from './disk.ts'
import type { Folders } from './folders.ts'
import { decodeName } from './names.ts'

/** How many names of the root are looked at for one that has an upper and a lower case. */
const maxProbedNames = 200

type Kind = {
  /** May block the thread: a disk of this machine, answering in microseconds when cached. */
  readonly isDisk?: boolean
  readonly precisionMs?: number
  readonly caseInsensitive?: boolean
}

/** File system types as statfs(2) numbers them on Linux. What is not listed is taken for a network. */
const kinds: Readonly<Record<number, Kind>> = {
  0xef53: { isDisk: true }, // ext2, ext3, ext4
  0x58465342: { isDisk: true }, // xfs
  0x9123683e: { isDisk: true }, // btrfs
  0x01021994: { isDisk: true }, // tmpfs
  0x794c7630: { isDisk: true }, // overlay
  0x2fc12fc1: { isDisk: true }, // zfs
  0xf2f52010: { isDisk: true }, // f2fs
  0xca451a4e: { isDisk: true }, // bcachefs
  0x4d44: { isDisk: true, precisionMs: 2000, caseInsensitive: true }, // vfat
  0x2011bab0: { isDisk: true, precisionMs: 10, caseInsensitive: true }, // exfat
  0x482b: { isDisk: true, precisionMs: 1000 }, // hfs+
  0x7366746e: { isDisk: true, caseInsensitive: false }, // ntfs3
  0xff534d42: { caseInsensitive: true }, // cifs
  0xfe534d42: { caseInsensitive: true }, // smb2
}

/** What is known of a file system by its type alone; nothing for an unknown one. */
export function kindOfFileSystem(type: number): Kind {
  // statfs fills a signed field on some systems.
  return kinds[type >>> 0] ?? {}
}

/**
 * Finds out how the root behaves, without writing: a preview must leave no trace. Case is tried on a name that is there;
 * an empty root is judged by its type. Times are cut to the precision of the type.
 */
export async function probeFeatures(
  platform: string,
  kind: Kind,
  { disk, folders }: { disk: Disk; folders: Folders },
): Promise<Features> {
  const byType = kind.caseInsensitive ?? (platform === 'win32' || platform === 'darwin')
  return Object.freeze({
    directories: true,
    caseInsensitive: (await probeCase(disk, folders)) ?? byType,
    atomicWrite: true,
    modTimePrecisionMs: kind.precisionMs ?? 1,
    maxFileSize: kind === kinds[0x4d44] ? 0xffff_ffff : null,
    maxConcurrency: 64,
  })
}

/** Null when no name in the root can tell, or the root is not there. */
async function probeCase(disk: Disk, folders: Folders): Promise<boolean | null> {
  try {
    const folder = await folders.open(rootPath, false)
    try {
      for (const bytes of (await disk.readdir(folder.self)).slice(0, maxProbedNames)) {
        const decoded = decodeName(bytes)
        if (!decoded.ok) continue
        const { name } = decoded
        const other = name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase()
        if (other === name) continue
        const [stats, otherStats] = [
          await disk.lstat(folder.entry(name)),
          await disk.lstat(folder.entry(other)),
        ]
        if (stats === null) continue
        return otherStats !== null && otherStats.ino === stats.ino && otherStats.dev === stats.dev
      }
      return null
    } finally {
      folder.release()
    }
  } catch {
    // A root that cannot be read is reported by the first call that needs it, with its own code.
    return null
  }
}
