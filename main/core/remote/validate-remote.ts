import type { TestStep } from '../../model/worker-messages.ts'
import type { Random } from '../ports/random.ts'
import { RemoteError } from './remote-error.ts'
import { childPath, rootPath } from './remote-path.ts'
import type { RemotePath } from './remote-path.ts'
import type { Remote } from './remote.ts'

/** Enough to show a server that cuts or changes content, and nothing for the person's quota. */
const checkBytes = 64

/**
 * The steps of "Test connection" that need an open remote: lists the root, then writes a small file into
 * `.fernsync-check-<random>/`, reads it back and compares. Always removes what it made, also after a failure or an abort. Never
 * rejects; the first failing step is the last one. `message` is null: the sentence belongs to the code.
 */
export async function validateRemote(
  remote: Remote,
  random: Random,
  signal: AbortSignal,
): Promise<readonly TestStep[]> {
  const listed = await step('list', () => listFirst(remote, signal))
  if (!listed.ok) return [listed]
  return [listed, await step('write', () => writeAndReadBack(remote, random, signal))]
}

async function step(name: TestStep['step'], work: () => Promise<void>): Promise<TestStep> {
  try {
    await work()
    return { step: name, ok: true, code: null, message: null }
  } catch (error) {
    const code = error instanceof RemoteError ? error.code : 'internal'
    return { step: name, ok: false, code, message: null }
  }
}

/** The first batch is proof enough; a root may hold a million entries. */
async function listFirst(remote: Remote, signal: AbortSignal): Promise<void> {
  for await (const batch of remote.list(rootPath, signal)) if (batch.length > 0) return
}

async function writeAndReadBack(remote: Remote, random: Random, signal: AbortSignal): Promise<void> {
  const dir = childPath(rootPath, `.fernsync-check-${toHex(random.bytes(8))}`)
  const path = childPath(dir, 'check.txt')
  const content = random.bytes(checkBytes)
  try {
    await remote.mkdir(dir, signal)
    await remote.write(
      path,
      { size: content.length, modTime: null, open: () => only(content) },
      'create',
      signal,
    )
    if (!isEqual(await readAll(remote, path, signal), content)) {
      throw new RemoteError('integrity', 'check: other bytes came back than were written')
    }
  } catch (error) {
    // The first failure is the one to report; what tidying up says after it adds nothing.
    await tidyUp(remote, dir, path).catch(() => undefined)
    throw error
  }
  await tidyUp(remote, dir, path)
}

/** With a signal of its own: the person's cancel ends the check, not the tidying up. */
async function tidyUp(remote: Remote, dir: RemotePath, path: RemotePath): Promise<void> {
  const { signal } = new AbortController()
  await remote.remove(path, signal)
  await remote.rmdir(dir, signal)
}

async function* only(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(bytes)
}

async function readAll(remote: Remote, path: RemotePath, signal: AbortSignal): Promise<readonly number[]> {
  const bytes: number[] = []
  for await (const chunk of remote.read(path, 0, signal)) {
    bytes.push(...chunk.subarray(0, checkBytes + 1))
    // A server that answers without end must not fill the memory.
    if (bytes.length > checkBytes) break
  }
  return bytes
}

function isEqual(left: readonly number[], right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index])
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
