import { constants, realpathSync } from 'node:fs'
import { lstat, opendir, open, realpath, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { FolderFacts, UserFiles } from '../core/ports/user-files.ts'
import { AppError } from '../model/app-error.ts'
import { systemCode } from './system-errors.ts'

const namesShown = 8
const entriesCounted = 10_000

/** Files of the person. `agentSocket` comes from the caller's environment, read once at start. */
export function createNodeUserFiles(options: { agentSocket: string | null; cwd: string }): UserFiles {
  return {
    homeDirectory,
    absolute: (given) =>
      given === '~' || given.startsWith('~/')
        ? path.join(os.homedir(), given.slice(1))
        : path.resolve(options.cwd, given),
    realPath,
    inspectFolder,
    read: readBounded,
    agentSocket: () => options.agentSocket,
  }
}

/** Links resolved, so that it compares with the real paths of folders; as it is named when it is not there. */
function homeDirectory(): string {
  const named = os.homedir()
  try {
    return realpathSync.native(named)
  } catch {
    return named
  }
}

async function realPath(given: string): Promise<string> {
  try {
    return await realpath(given)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOTDIR' || (code === 'ENOENT' && (await isThere(given))))
      throw new AppError('wrong-kind', 'no folder can be there', { cause: error })
    if (code !== 'ENOENT') throw new AppError('permission-denied', 'cannot look up path', { cause: error })
    return path.join(await realPath(path.dirname(given)), path.basename(given))
  }
}

/** True for a link to nowhere as well. */
async function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  )
}

async function inspectFolder(folder: string): Promise<FolderFacts | null> {
  try {
    const realPath = await realpath(folder)
    if (!(await stat(realPath)).isDirectory()) throw new AppError('wrong-kind', 'not a folder')
    const names: string[] = []
    let count = 0
    for await (const entry of await opendir(realPath)) {
      if (names.length < entriesCounted) names.push(entry.name)
      count += 1
      if (count >= entriesCounted) break
    }
    names.sort((a, b) => a.localeCompare(b))
    return { realPath, names: names.slice(0, namesShown), count }
  } catch (error) {
    if (error instanceof AppError) throw error
    if (systemCode(error) === 'ENOENT') return null
    if (systemCode(error) === 'ENOTDIR') throw new AppError('wrong-kind', 'not a folder', { cause: error })
    throw new AppError('permission-denied', 'cannot read folder', { cause: error })
  }
}

async function readBounded(file: string, maxBytes: number): Promise<Uint8Array | null> {
  let handle
  try {
    // Not blocking: a pipe under this name would otherwise be waited for without end.
    handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return null
    throw new AppError('permission-denied', 'cannot read file', { cause: error })
  }
  // One byte more than allowed, so that "too large" is seen without trusting a size that may grow.
  const buffer = new Uint8Array(maxBytes + 1)
  try {
    if (!(await handle.stat()).isFile()) throw new AppError('permission-denied', 'not a file')
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    if (length > maxBytes) throw new AppError('too-large', 'file is larger than allowed')
    return buffer.slice(0, length)
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('permission-denied', 'cannot read file', { cause: error })
  } finally {
    // It may hold a private key.
    buffer.fill(0)
    await handle.close()
  }
}
