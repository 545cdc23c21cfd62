import { statfs as statfsCallback, statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import type { Connector, ConnectorConfig, ConnectorDeps } from '../../core/remote/connector.ts'
import { RemoteError } from '../../core/remote/remote-error.ts'
import type { Remote } from '../../core/remote/remote.ts'
import { createDisk } from './disk.ts'
import type { Disk } from './disk.ts'
import { createFoldersByHandle } from './folders-by-handle.ts'
import { createFoldersByPath } from './folders-by-path.ts'
import type { Folders } from './folders.ts'
import { createLocalRemote } from './local-remote.ts'
import { createPace } from './pace.ts'
import { kindOfFileSystem, probeFeatures } from './probe.ts'
import type { LocalSession } from './session.ts'

export type LocalSystem = {
  /** `process.platform`. */
  readonly platform: string
  /** True where /proc/self/fd gives paths through open folders. */
  readonly hasFolderHandles: boolean
}

/** The machine we are on. */
export function thisSystem(): LocalSystem {
  return {
    platform: process.platform,
    hasFolderHandles:
      process.platform === 'linux' && statSync('/proc/self/fd', { throwIfNoEntry: false }) !== undefined,
  }
}

/** Type of the file system that holds `root`; 0 when the root is not there. */
function typeOf(root: string): Promise<number> {
  return new Promise((resolve) =>
    statfsCallback(root, (error, stats) => resolve(error === null ? stats.type : 0)),
  )
}

/**
 * Opens the absolute folder `config.root`. It need not exist: then `stat` of the root answers null, `mkdir` of the root
 * makes it, and everything else says `not-found`. It stays the folder it was at first use: one that is moved or replaced
 * while the connection is open is `not-found` too, so that nothing lands in another place.
 */
export async function openLocal(
  config: Pick<ConnectorConfig, 'root'>,
  deps: Pick<ConnectorDeps, 'clock' | 'tempName'>,
  system: LocalSystem = thisSystem(),
): Promise<Remote> {
  const root = cleanRoot(config.root, system.platform)
  const kind = kindOfFileSystem(await typeOf(root))
  const pace = createPace(() => deps.clock.monotonic(), kind.isDisk === true)
  const disk = createDisk(pace)
  const folders = foldersFor(system, root, disk)
  const features = await probeFeatures(system.platform, kind, { disk, folders })
  let isClosed = false
  const session: LocalSession = {
    root,
    disk,
    folders,
    features,
    tempName: deps.tempName,
    isWindows: system.platform === 'win32',
    enter(signal) {
      if (isClosed) throw new RemoteError('closed', 'the connection is closed')
      if (signal.aborted)
        throw new RemoteError('cancelled', 'cancelled by the caller', { cause: signal.reason })
      return pace.breathe()?.then(() => {
        if (signal.aborted)
          throw new RemoteError('cancelled', 'cancelled by the caller', { cause: signal.reason })
      })
    },
  }
  return createLocalRemote(session, () => {
    isClosed = true
    folders.close()
  })
}

function cleanRoot(root: string, platform: string): string {
  if (!isAbsolute(root) || root.includes('\0')) {
    throw new RemoteError('invalid-name', 'the local folder must be an absolute path')
  }
  const slashed = platform === 'win32' ? root.replaceAll('\\', '/') : root
  return slashed.length > 1 ? slashed.replace(/\/+$/, '') || '/' : slashed
}

function foldersFor(system: LocalSystem, root: string, disk: Disk): Folders {
  return system.hasFolderHandles ? createFoldersByHandle(root, disk) : createFoldersByPath(root, disk)
}

/** A folder of this machine. Links are listed as such and never followed; the root itself may be one. */
export const local: Connector = {
  kind: 'local',
  fields: [],
  open: (config, deps) => openLocal(config, deps),
}
