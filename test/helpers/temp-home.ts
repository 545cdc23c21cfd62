import { mkdtemp, rm } from 'node:fs/promises'
import { realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** An empty folder (0700) that is removed when the test ends. */
export async function tempFolder(prefix = 'fernsync-test-'): Promise<string> {
  const path = realpathSync(await mkdtemp(join(tmpdir(), prefix)))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}
