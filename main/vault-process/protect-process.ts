import { writeFileSync } from 'node:fs'

/**
 * Keeps the memory of this process out of core dumps and debuggers as far as a program without native code can. Best effort by
 * nature: who may trace this user's processes may read them (SECURITY.md).
 */
export function protectProcess(): void {
  excludeFromCoreDumps()
  // Node opens its debugger on SIGUSR1 unless something else listens.
  process.on('SIGUSR1', () => {})
}

/** core(5): a process with filter 0 dumps none of its mappings. Elsewhere there is no such file, and nothing to do. */
function excludeFromCoreDumps(): void {
  try {
    writeFileSync('/proc/self/coredump_filter', '0')
  } catch {
    // Not Linux, or a kernel without core dumps.
  }
}
