import { createMemoryConnector } from '../../../../main/connectors/memory/index.ts'
import { createMemoryPlace } from '../../../../main/connectors/memory/memory-place.ts'
import type { MemoryPlace } from '../../../../main/connectors/memory/memory-place.ts'
import type { Clock } from '../../../../main/core/ports/clock.ts'
import type { LogFields, Logger } from '../../../../main/core/ports/logger.ts'
import type { Connector, ConnectorConfig, ConnectorDeps } from '../../../../main/core/remote/connector.ts'
import { parseRemotePath } from '../../../../main/core/remote/remote-path.ts'
import type { RemotePath } from '../../../../main/core/remote/remote-path.ts'
import type { Remote, Source } from '../../../../main/core/remote/remote.ts'

export const at = (text: string): RemotePath => parseRemotePath(text)
export const never = new AbortController().signal

/** A clock on which every timer is due at once: time passes only by waiting. `waits` lists the delays asked for. */
export function instantClock(): Clock & { readonly waits: number[] } {
  let now = 1_700_000_000_000
  const waits: number[] = []
  return {
    waits,
    now: () => now,
    monotonic: () => now,
    setTimer(delayMs, task) {
      let isCancelled = false
      waits.push(delayMs)
      queueMicrotask(() => {
        if (isCancelled) return
        now += delayMs
        task()
      })
      return () => (isCancelled = true)
    },
  }
}

/** A clock whose timers never fire. */
export function stoppedClock(): Clock {
  return { now: () => 0, monotonic: () => 0, setTimer: () => () => undefined }
}

export type LogLine = { readonly level: string; readonly event: string; readonly fields: LogFields }

export function recordingLogger(): Logger & { readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const write =
    (level: string) =>
    (event: string, fields: LogFields = {}): void =>
      void lines.push({ level, event, fields })
  return { lines, info: write('info'), warn: write('warn'), error: write('error') }
}

/** Deps whose random bytes are all 255: the longest wait the policy allows. */
export function fakeDeps(overrides: Partial<ConnectorDeps> = {}): ConnectorDeps {
  let temps = 0
  return {
    clock: instantClock(),
    random: {
      bytes: (length) => new Uint8Array(length).fill(255),
      uuid: () => '00000000-0000-4000-8000-000000000000',
    },
    log: recordingLogger(),
    tempName: () => `.fernsync-12345678-${(temps += 1)}.part`,
    agentSocket: null,
    readKeyFile: () => Promise.reject(new Error('no key file was offered')),
    ...overrides,
  }
}

export const emptyConfig: ConnectorConfig = { fields: {}, secrets: {}, hostKey: null, root: '' }

/** A connector to `place` whose n-th connection (from 1) is passed through `spoil`; counts the openings. */
export function scriptedConnector(
  spoil: (remote: Remote, opening: number) => Remote | Promise<Remote> = (remote) => remote,
  place: MemoryPlace = createMemoryPlace(),
): { connector: Connector; place: MemoryPlace; openings: () => number } {
  const inner = createMemoryConnector(place)
  let openings = 0
  return {
    place,
    openings: () => openings,
    connector: {
      kind: 'memory',
      fields: [],
      async open(config, deps, signal) {
        openings += 1
        const opening = openings
        return spoil(await inner.open(config, deps, signal), opening)
      },
    },
  }
}

export function sourceOf(
  content: string,
  modTime: number | null = null,
): Source & { readonly openings: () => number } {
  const bytes = new TextEncoder().encode(content)
  let openings = 0
  return {
    size: bytes.length,
    modTime,
    openings: () => openings,
    async *open() {
      openings += 1
      yield await Promise.resolve(bytes)
    },
  }
}

export async function textOf(remote: Remote, path: string): Promise<string> {
  let text = ''
  for await (const chunk of remote.read(at(path), 0, never)) text += new TextDecoder().decode(chunk)
  return text
}

export async function namesOf(remote: Remote, dir = ''): Promise<readonly string[]> {
  const names: string[] = []
  for await (const batch of remote.list(at(dir), never)) {
    for (const entry of batch) names.push(entry.kind === 'invalid-name' ? entry.shown : entry.path)
  }
  return names.sort()
}

/** The code of the rejection, or `resolved`. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
    return 'resolved'
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
}
