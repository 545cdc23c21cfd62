import type { Connector, ConnectorConfig, ConnectorDeps } from './connector.ts'
import { readOnly } from './read-only.ts'
import type { Remote } from './remote.ts'
import { defaultRetryPolicy } from './retry-policy.ts'
import type { RetryPolicy } from './retry-policy.ts'
import { withLog } from './with-log.ts'
import { openWithRetry } from './with-retry.ts'
import { withSafeWrite } from './with-safe-write.ts'
import { withThrottle } from './with-throttle.ts'

export type OpenRemoteOptions = {
  /** Aborts the opening; each later call has its own signal. */
  readonly signal: AbortSignal
  /** True for previews: nothing can be changed through the remote. */
  readonly isReadOnly?: boolean
  /** Content bytes per second in each direction; absent or null = no limit. */
  readonly bytesPerSecond?: number | null
  /** What differs from the default policy. */
  readonly retry?: Partial<RetryPolicy>
}

/**
 * Connects, signs in and returns the remote with everything that no connector does itself, outermost first: log, retry,
 * throttle, safe write; read-only outside for previews. The only way to a remote in the product. Rejects with RemoteError;
 * a credential that was refused is not tried again, now or later.
 */
export async function openRemote(
  connector: Connector,
  config: ConnectorConfig,
  deps: ConnectorDeps,
  options: OpenRemoteOptions,
): Promise<Remote> {
  const { clock, random, log, tempName } = deps
  const { signal, isReadOnly = false, bytesPerSecond = null, retry = {} } = options
  const remote = await openWithRetry(
    {
      clock,
      random,
      log,
      policy: { ...defaultRetryPolicy, ...retry },
      async open(openSignal) {
        const connected = await connector.open(config, deps, openSignal)
        return withThrottle(withSafeWrite(connected, tempName), { clock, bytesPerSecond })
      },
    },
    signal,
  )
  const logged = withLog(remote, log, clock)
  return isReadOnly ? readOnly(logged) : logged
}
