import { inspect } from 'node:util'
import { createSftpConnector, sftp } from '../../../main/connectors/sftp/sftp.ts'
import { defaultLimits } from '../../../main/connectors/sftp/limits.ts'
import type { ConnectorConfig, ConnectorDeps } from '../../../main/core/remote/connector.ts'
import { RemoteError } from '../../../main/core/remote/remote-error.ts'
import type { ListedEntry, Remote, Source } from '../../../main/core/remote/remote.ts'
import type { RemotePath } from '../../../main/core/remote/remote-path.ts'
import { realDeps } from '../../conformance/deps.ts'

export const never = new AbortController().signal

/** Opens with the product's limits. */
export function open(config: ConnectorConfig, overrides: Partial<ConnectorDeps> = {}): Promise<Remote> {
  return sftp.open(config, realDeps(overrides), never)
}

/** The same connector with short patience, for servers that fall silent, and a small idea of a big folder. */
export const impatient = createSftpConnector({
  ...defaultLimits,
  connectMs: 1_500,
  stallMs: 1_200,
  entries: 5_000,
})

/** The RemoteError that `work` rejects with; fails when it does not. */
export async function failureOf(work: Promise<unknown>): Promise<RemoteError> {
  const error: unknown = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  )
  if (error instanceof RemoteError) return error
  throw new Error(`no RemoteError: ${inspect(error)}`)
}

/** `size` bytes in chunks of a megabyte, made while they are read. */
export function bigSource(size: number, onChunk: (sent: number) => void = () => undefined): Source {
  return {
    size,
    modTime: 1_700_000_000_000,
    // eslint-disable-next-line @typescript-eslint/require-await -- a source is asynchronous by contract
    async *open() {
      const chunk = Buffer.alloc(1024 * 1024, 'fernsync')
      for (let sent = 0; sent < size; sent += chunk.length) {
        onChunk(sent)
        yield chunk.subarray(0, Math.min(chunk.length, size - sent))
      }
    },
  }
}

export async function listed(remote: Remote, dir: RemotePath): Promise<readonly ListedEntry[]> {
  const all: ListedEntry[] = []
  for await (const entries of remote.list(dir, never)) all.push(...entries)
  return all
}

export async function content(remote: Remote, path: RemotePath, signal = never): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of remote.read(path, 0, signal)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
