import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

export type ProcessWatch = {
  /** Ends it; `programs` are the script names seen, `leaks` where a canary was seen. */
  stop(): { readonly programs: ReadonlySet<string>; readonly leaks: readonly string[] }
}

/** Shorter than any of our processes lives: Node alone takes longer to start. */
const everyMs = 15

/** Reads argv and environ of every process below `pid` (proc(5)) as long as it runs, looking for canaries. */
export function watchProcesses(pid: number, canaries: readonly string[]): ProcessWatch {
  const seen = new Set<string>()
  const programs = new Set<string>()
  const leaks: string[] = []

  const look = (process: number): void => {
    const argv = read(`/proc/${process}/cmdline`)
    // exec keeps the pid, so a process counts as another one with each new command line.
    const key = `${process} ${argv}`
    if (argv !== '' && !seen.has(key)) {
      seen.add(key)
      for (const word of argv.split('\0')) if (word.endsWith('.js')) programs.add(basename(word))
      const text = `${argv}\0${read(`/proc/${process}/environ`)}`
      canaries.forEach((canary, at) => {
        if (text.includes(canary)) leaks.push(`canary ${at} in process ${argv.replaceAll('\0', ' ')}`)
      })
    }
    for (const child of childrenOf(process)) look(child)
  }
  const timer = setInterval(() => look(pid), everyMs)
  return {
    stop() {
      clearInterval(timer)
      return { programs, leaks }
    },
  }
}

/** Children by each of a process's threads: Node may fork from any of them. */
function childrenOf(pid: number): readonly number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    // It has ended, or is another user's.
    return ''
  }
}
