import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import type { Clock } from '../core/ports/clock.ts'

/** Both halves of V8's young generation together, in bytes: 2 x 8 MiB is enough for what is in flight at any moment. */
const enoughYoungBytes = 16 * 1024 * 1024
const lookEveryMs = 20

/**
 * Fits V8's heap to what a worker does; both limits of the command line (`--max-semi-space-size`, `--initial-heap-size`) are
 * closed to a process of Electron, these flags can be set at any time. Calls itself by `clock` until there is nothing left to do.
 */
export function tuneHeap(clock: Clock): void {
  // A transfer keeps little alive and lets go of a buffer per packet. V8 takes the buffers for growth and would mark the
  // whole heap 150 times per gigabyte, which took more time than the encryption; three times what is alive may pile up.
  setFlagsFromString('--heap-growing-percent=200')
  stopYoungGrowth(clock)
}

/** Garbage of a run dies at once: collecting it in bigger lots gains nothing and would take 128 MiB of memory. */
function stopYoungGrowth(clock: Clock): void {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')
  if (young === undefined) return
  if (young.space_size < enoughYoungBytes) clock.setTimer(lookEveryMs, () => stopYoungGrowth(clock))
  else setFlagsFromString('--semi-space-growth-factor=1')
}
