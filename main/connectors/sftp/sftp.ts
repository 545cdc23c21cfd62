import type {
  Connector,
  ConnectorConfig,
  ConnectorDeps,
  ConnectorField,
} from '../../core/remote/connector.ts'
import { RemoteError } from '../../core/remote/remote-error.ts'
import type { Remote } from '../../core/remote/remote.ts'
import { abortable } from './abort.ts'
import { createBudget } from './budget.ts'
import { createConnections, openSession } from './connections.ts'
import {
  algorithmsOfType,
  hostKeyAlgorithms,
  hostKeyTypes,
  parsePin,
  type HostKey,
  type PinnedHostKey,
} from './host-key.ts'
import { defaultLimits, type SftpLimits } from './limits.ts'
import { operations } from './operations.ts'
import { createRequestSizer } from './request-size.ts'
import type { Session, Transport } from './session.ts'
import { createSftpRemote } from './sftp-remote.ts'
import { areSecretsWiped, loadSignIn } from './sign-in.ts'
import { dialSftp, learnHostKey, type DialOptions, type Endpoint } from './ssh-connection.ts'

const fields: readonly ConnectorField[] = [
  { name: 'host', type: 'text', required: true, identifiesServer: true },
  { name: 'port', type: 'number', required: false, defaultValue: '22', identifiesServer: true },
  { name: 'user', type: 'text', required: true },
  { name: 'password', type: 'secret', required: false },
  { name: 'privateKey', type: 'secret', required: false, multiline: true },
  { name: 'passphrase', type: 'secret', required: false },
  { name: 'certificate', type: 'text', required: false, advanced: true, multiline: true },
  { name: 'keyFile', type: 'file', required: false, advanced: true, deviceOnly: true },
  {
    name: 'agent',
    type: 'boolean',
    required: false,
    advanced: true,
    defaultValue: 'false',
    deviceOnly: true,
  },
]

function endpointOf(config: ConnectorConfig): Endpoint {
  const host = config.fields.host ?? ''
  const port = Number(config.fields.port || '22')
  if (host === '' || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new RemoteError('unreachable', 'the credential names no valid host and port')
  }
  return { host, port }
}

function dialOptions(limits: SftpLimits, deps: ConnectorDeps): Omit<DialOptions, 'accepts' | 'signIn'> {
  return { clock: deps.clock, connectMs: limits.connectMs, hostKeys: hostKeyAlgorithms(null) }
}

async function fetchFingerprint(
  limits: SftpLimits,
  config: ConnectorConfig,
  deps: ConnectorDeps,
  signal: AbortSignal,
): Promise<string> {
  const options = { ...dialOptions(limits, deps), accepts: null, signIn: null }
  const key = await learnHostKey(endpointOf(config), options, signal)
  return key.fingerprint
}

/**
 * Connects and signs in, only to a server that proves the pinned key. A server has a key of each of several types and shows one per
 * connection, by what we ask for. So a pin without a type that does not match is tried with the other types, before any credential
 * is sent, and only then counts as changed.
 */
async function dialPinned(
  limits: SftpLimits,
  config: ConnectorConfig,
  deps: ConnectorDeps,
  signal: AbortSignal,
): Promise<Transport> {
  const endpoint = endpointOf(config)
  const pin = config.hostKey === null ? null : parsePin(config.hostKey)
  const signIn = await loadSignIn(config, deps)
  if (pin === null) {
    const fingerprint = await fetchFingerprint(limits, config, deps, signal)
    throw new RemoteError('untrusted-server', 'no host key is pinned', { fingerprint })
  }
  let shown: HostKey | null = null
  const accepts = (key: HostKey): boolean => {
    shown ??= key
    return key.fingerprint === pin.fingerprint
  }
  const options = { ...dialOptions(limits, deps), signIn, accepts }
  try {
    return await dialSftp(endpoint, { ...options, hostKeys: hostKeyAlgorithms(pin.type) }, signal)
  } catch (error) {
    if (!isMismatch(error)) throw error
    for (const hostKeys of otherKeys(pin, shown)) {
      try {
        return await dialSftp(endpoint, { ...options, hostKeys }, signal)
      } catch (again) {
        if (!isMismatch(again) && !isCode(again, 'unsupported')) throw again
      }
    }
    throw error
  }
}

/** What else to ask for after `shown` did not match. */
function otherKeys(pin: PinnedHostKey, shown: HostKey | null): ReturnType<typeof algorithmsOfType>[] {
  if (pin.type !== null) return []
  return hostKeyTypes.filter((type) => type !== shown?.type).map(algorithmsOfType)
}

function isCode(error: unknown, code: RemoteError['code']): boolean {
  return error instanceof RemoteError && error.code === code
}

function isMismatch(error: unknown): boolean {
  return isCode(error, 'untrusted-server')
}

/** The root as an absolute server path without a slash at its end; relative ones start at the folder after the sign-in. */
async function resolveRoot(session: Session, root: string): Promise<string> {
  const relative = root === '' || root === '.' ? '' : root.replace(/^(\.\/)+/, '')
  const base = relative.startsWith('/') ? '' : `${(await operations.realPath(session, '.')) ?? ''}/`
  return `${base}${relative}`.replace(/\/{2,}/g, '/').replace(/\/+$/, '')
}

async function openRemote(
  limits: SftpLimits,
  config: ConnectorConfig,
  deps: ConnectorDeps,
  signal: AbortSignal,
): Promise<Remote> {
  const { clock, log } = deps
  const rules = { signal, clock, graceMs: limits.graceMs, operation: 'open' }
  const transport = await abortable(rules, () => dialPinned(limits, config, deps, signal))
  try {
    return await abortable(rules, async () => {
      const main = await openSession(transport, { clock, stallMs: limits.stallMs })
      const connections = createConnections(main, {
        clock,
        log,
        stallMs: limits.stallMs,
        dial: (closing) => dialPinned(limits, config, deps, closing),
        canDialAgain: () => !areSecretsWiped(config),
      })
      return createSftpRemote({
        connections,
        limits,
        deps,
        budget: createBudget(limits.sharedBytes),
        readSize: createRequestSizer(clock, requestSizes(main.limits.read)),
        root: await resolveRoot(main.session, config.root),
        makingDirs: new Map(),
        renameReplaces: { known: null },
      })
    })
  } catch (error) {
    transport.destroy()
    throw error
  }
}

function requestSizes(most: number): readonly [number, ...number[]] {
  const smallest = Math.min(32 * 1024, most)
  return [smallest, ...[128 * 1024, most].filter((size) => size > smallest && size <= most)]
}

/** The connector with other limits; the product uses `sftp`. */
export function createSftpConnector(limits: SftpLimits) {
  return {
    kind: 'sftp',
    fields,
    open: (config, deps, signal) => openRemote(limits, config, deps, signal),
    fetchHostKey: (config, deps, signal) => fetchFingerprint(limits, config, deps, signal),
  } satisfies Connector
}

/**
 * SFTP over SSH (SFTP version 3). Only what the credential states is offered, each once, and nothing before the server has
 * proved the pinned host key. A pin is `SHA256:...` or, when it should be asked for first, `<key type> SHA256:...`.
 */
export const sftp = createSftpConnector(defaultLimits)
