import { readdirSync, readFileSync } from 'node:fs'
import { browser } from './lifecycle.ts'

export interface ProcessInfo {
  pid: number
  parent: number
  argv: readonly string[]
}

function readProcess(pid: number): ProcessInfo | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold anything; the fields after its last parenthesis are: state, parent, ...
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z') return undefined
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split(/[\0 ]/).filter(Boolean)
    return { pid, parent: Number(fields[1]), argv }
  } catch {
    return undefined // it ended while we looked
  }
}

/** The living descendants of a process, parents before children. */
export function descendants(root: number): ProcessInfo[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? [])
  const found: ProcessInfo[] = []
  const wanted = new Set([root])
  for (let grown = true; grown;) {
    grown = false
    for (const info of all) {
      if (wanted.has(info.pid) || !wanted.has(info.parent)) continue
      wanted.add(info.pid)
      found.push(info)
      grown = true
    }
  }
  return found
}

/** The value of a Chromium process's `--name=` switch. */
export function switchOf(info: ProcessInfo, name: string): string | undefined {
  return info.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3)
}

const claims = new Map<number, number>()

/**
 * The renderer of one webContents. The DevTools protocol does not tell it: a page takes the newest renderer that no other
 * page has, and keeps it while it lives. Right as long as pages load one after the other; 0 when there is none.
 */
export function rendererPid(webContentsId: number): number {
  const { pid } = browser()
  const renderers =
    pid === undefined ? [] : descendants(pid).filter((info) => switchOf(info, 'type') === 'renderer')
  const alive = new Set(renderers.map((info) => info.pid))
  const kept = claims.get(webContentsId)
  if (kept !== undefined && alive.has(kept)) return kept
  claims.delete(webContentsId)
  for (const taken of claims.values()) alive.delete(taken)
  const newest = Math.max(0, ...alive)
  if (newest > 0) claims.set(webContentsId, newest)
  return newest
}

export function forgetRenderer(webContentsId: number): void {
  claims.delete(webContentsId)
}
