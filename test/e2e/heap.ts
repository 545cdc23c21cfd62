// What lies in the memory of the page and of main, as V8 tells it: every string that something still holds.
import { readFileSync, rmSync } from 'node:fs'
import type { ElectronApplication, Page } from '@playwright/test'

/** Everything reachable in main after a collection, as the text of a heap snapshot. `file` is written and removed. */
export async function heapOfMain(app: ElectronApplication, file: string): Promise<Buffer> {
  await app.evaluate((_electron, target) => {
    process.getBuiltinModule('node:v8').writeHeapSnapshot(target)
  }, file)
  const heap = readFileSync(file)
  rmSync(file)
  return heap
}

/** The same of a page. */
export async function heapOfPage(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page)
  const chunks: string[] = []
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk))
  await session.send('HeapProfiler.enable')
  await session.send('HeapProfiler.collectGarbage')
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
  await session.detach()
  return Buffer.from(chunks.join(''))
}
