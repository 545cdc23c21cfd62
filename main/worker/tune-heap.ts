import { setFlagsFromString } from 'node:v8'

/**
 * Fits V8's heap to a worker, which keeps about ten megabytes alive and lets go of a buffer of 32 KiB with each SSH packet. The
 * command line's own limits (`--max-semi-space-size`) are closed to a process of Electron; these flags can be set at any time.
 */
export function tuneHeap(): void {
  // Buffers count towards one limit together with the heap. By default they have one of their own that hardly grows: V8 marked
  // the whole heap 60 times per gigabyte on every core, which took as much time as the encryption.
  setFlagsFromString('--external-memory-accounted-in-global-limit')
  // Three times what is alive may pile up before the whole heap is marked.
  setFlagsFromString('--heap-growing-percent=200')
  // Garbage of a run dies at once: collecting it in bigger lots gains nothing and would take 128 MiB of memory.
  setFlagsFromString('--semi-space-growth-factor=1')
}
