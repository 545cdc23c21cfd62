import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { openLocal, thisSystem } from '../../../../main/connectors/local/index.ts'
import type { LocalSystem } from '../../../../main/connectors/local/index.ts'
import type { Remote } from '../../../../main/core/remote/remote.ts'
import { realDeps } from '../../../conformance/deps.ts'

const cleanups: (() => void | Promise<void>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** A fresh folder, removed after the test. */
export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'fernsync-local-'))
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** A connection to `root`, closed after the test. */
export async function openRoot(root: string, system: LocalSystem = thisSystem()): Promise<Remote> {
  const remote = await openLocal({ root }, realDeps(), system)
  cleanups.push(() => remote.close())
  return remote
}

/** Both ways to walk folders, for facts that hold for each. */
export const walks: readonly (readonly [name: string, system: LocalSystem])[] = [
  ['with folder handles', thisSystem()],
  ['without folder handles', { ...thisSystem(), hasFolderHandles: false }],
]
