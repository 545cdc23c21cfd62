import type { Clock } from '../../core/ports/clock.ts'
import type { Logger } from '../../core/ports/logger.ts'
import { RemoteError } from '../../core/remote/remote-error.ts'
import { operations, type Limits } from './operations.ts'
import { startSession, type Session, type Transport } from './session.ts'

export type OpenSession = { readonly session: Session; readonly limits: Limits }

export type Connections = {
  /**
   * The connection that everything uses. Throws `closed` after `close`, `unreachable` once it was lost: opening another one is up
   * to the retries above, which also know how often.
   */
  main(): OpenSession
  /** A further one for big files, made when first asked for; null when it cannot be had, which is no error. */
  second(): Promise<OpenSession | null>
  /** Ends both. May be called twice. */
  close(): Promise<void>
}

export type ConnectionsOptions = {
  readonly clock: Clock
  readonly log: Logger
  readonly stallMs: number
  /** Connects and signs in once more. */
  readonly dial: (signal: AbortSignal) => Promise<Transport>
  /** False when the credential is gone: then there is no second connection. */
  readonly canDialAgain: () => boolean
}

export async function openSession(
  transport: Transport,
  options: Pick<ConnectionsOptions, 'clock' | 'stallMs'>,
): Promise<OpenSession> {
  const session = await startSession(transport, options)
  return { session, limits: await operations.limits(session) }
}

export function createConnections(main: OpenSession, options: ConnectionsOptions): Connections {
  const closing = new AbortController()
  let second: Promise<OpenSession | null> | null = null

  async function openSecond(): Promise<OpenSession | null> {
    try {
      return await openSession(await options.dial(closing.signal), options)
    } catch (error) {
      if (closing.signal.aborted) return null
      // A server may allow one connection only. Asking again for each file would look like an attack to it.
      const code = error instanceof RemoteError ? error.code : 'internal'
      options.log.warn('sftp.second-connection', { code })
      return null
    }
  }

  return {
    main() {
      if (closing.signal.aborted) throw new RemoteError('closed', 'the connection is closed')
      const cause = main.session.lost()
      if (cause !== null) throw new RemoteError('unreachable', 'the connection was lost', { cause })
      return main
    },
    async second() {
      if (closing.signal.aborted || (second === null && !options.canDialAgain())) return null
      second ??= openSecond()
      const open = await second
      return open === null || open.session.lost() !== null ? null : open
    },
    async close() {
      closing.abort()
      const open = await second
      await Promise.all([main.session.transport.end(), open?.session.transport.end()])
    },
  }
}
