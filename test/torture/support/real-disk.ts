import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { nodeFileOperations } from '../../../main/adapters/file-operations.ts'
import type { FileFacts, FileOperations, OpenFile } from '../../../main/adapters/file-operations.ts'
import { openHome } from '../../../main/adapters/home-folder.ts'
import { byPassword } from './commands.ts'
import type { Command } from './commands.ts'
import { isSame, look, opens } from './contents.ts'
import { filesOf } from './disk.ts'
import type { Lab } from './lab.ts'
import { rehearse } from './rehearse.ts'

/**
 * Runs a command on a real folder too and compares the calls it makes there, one by one, with those it made on the disk in
 * memory: what is proven of the one is true of the other only if they are the same.
 */
export async function onRealDisk(
  lab: Lab,
  command: Command,
  seed: number,
): Promise<{ calls: number; difference: string | null }> {
  const rehearsal = await rehearse(lab, command, seed)
  const ways = command.ways ?? [byPassword]
  const memory = await rehearsal.perform()
  const folder = mkdtempSync(join(dirname(lab.home), 'real-'))
  try {
    const home = openHome(join(folder, 'home')).path
    const start = memory.disk.history[0]
    if (start === undefined) return { calls: 0, difference: 'it changes nothing' }
    for (const [path, bytes] of filesOf(start)) {
      const target = join(home, relative(lab.home, path))
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, bytes, { mode: 0o600 })
    }
    const calls: string[] = []
    const vault = lab.vaultAt(home, recorded(home, calls))
    if (command.isLocked !== true) await opens(vault, ways[0] ?? byPassword)
    await command.run(vault)
    await vault.lock()
    const wanted = memory.disk.calls
      .slice(0, memory.calls[1])
      .map(({ name, path }) => told(lab.home, name, path))
    const at = wanted.findIndex((call, index) => call !== calls[index])
    if (at !== -1 || wanted.length !== calls.length)
      return {
        calls: calls.length,
        difference: `call ${at} is ${calls[at]} on a real disk and ${wanted[at]} in memory`,
      }
    const seen = await look(() => lab.vaultAt(home), ways)
    const difference = isSame(seen, rehearsal.after)
      ? null
      : `holds something else on a real disk: ${readdirSync(home).join(' ')}`
    return { calls: calls.length, difference }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The name of a call without what is random in it. */
function told(home: string, name: string, path: string): string {
  return `${name} ${relative(home, path).replace(/[0-9a-f]{16}\.tmp$/, 'tmp')}`
}

function recorded(home: string, calls: string[]): FileOperations {
  const note = (name: string, path: string): void => void calls.push(told(home, name, path))
  const file = (opened: OpenFile, path: string): OpenFile => ({
    write: (bytes, offset) => (note('write', path), opened.write(bytes, offset)),
    read: (bytes, offset, position) => (note('read', path), opened.read(bytes, offset, position)),
    stat: async () => (note('stat', path), aged(await opened.stat())),
    truncate: (length) => (note('truncate', path), opened.truncate(length)),
    sync: () => (note('sync', path), opened.sync()),
    close: () => (note('close', path), opened.close()),
  })
  const real = nodeFileOperations
  return {
    openRead: async (path) => (note('openRead', path), file(await real.openRead(path), path)),
    create: async (path) => (note('create', path), file(await real.create(path), path)),
    openAppend: async (path) => (note('openAppend', path), file(await real.openAppend(path), path)),
    openFolder: async (path) => (note('openFolder', path), file(await real.openFolder(path), path)),
    link: (from, to) => (note('link', to), real.link(from, to)),
    rename: (from, to) => (note('rename', to), real.rename(from, to)),
    unlink: (path) => (note('unlink', path), real.unlink(path)),
    makeFolder: (path) => (note('makeFolder', path), real.makeFolder(path)),
    readFolder: (path) => (note('readFolder', path), real.readFolder(path)),
  }
}

/** As on the disk in memory, where nothing was changed just now: what the vault reads again depends on it. */
function aged(facts: FileFacts): FileFacts {
  const anHour = 3_600_000
  return { ...facts, mtimeMs: facts.mtimeMs - anHour, ctimeMs: facts.ctimeMs - anHour }
}
