import os from 'node:os'
import path from 'node:path'
import { boot } from './boot.ts'

type PathName = Parameters<Electron.App['getPath']>[0]

const given = new Map<string, string>()
let appName = boot.name

export const getName = (): string => appName
export const setName = (name: string): void => {
  appName = name
}

const inHome = (folder: string): string => path.join(os.homedir(), folder)

const defaults: Partial<Record<PathName, () => string>> = {
  home: () => os.homedir(),
  appData: () => process.env['XDG_CONFIG_HOME'] ?? inHome('.config'),
  userData: () => boot.switches.get('user-data-dir') ?? path.join(getPath('appData'), appName),
  sessionData: () => getPath('userData'),
  crashDumps: () => path.join(getPath('userData'), 'Crashpad'),
  logs: () => path.join(getPath('userData'), 'logs'),
  temp: () => os.tmpdir(),
  exe: () => process.execPath,
  module: () => process.execPath,
  desktop: () => inHome('Desktop'),
  documents: () => inHome('Documents'),
  downloads: () => inHome('Downloads'),
  music: () => inHome('Music'),
  pictures: () => inHome('Pictures'),
  videos: () => inHome('Videos'),
}

/** app.getPath(): nothing is created, and the stand-in itself writes to none of these. */
export function getPath(name: PathName): string {
  const found = given.get(name) ?? defaults[name]?.()
  if (found === undefined) throw new Error(`Failed to get '${name}' path`)
  return found
}

export function setPath(name: string, value: string): void {
  if (!path.isAbsolute(value)) throw new Error('Path must be absolute')
  if (!(name in defaults)) throw new Error(`Failed to set path`)
  given.set(name, value)
}
