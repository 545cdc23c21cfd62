import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Random } from '../ports/random.ts'
import type { Remote } from './remote.ts'

/** One field of a credential of this kind. Form, CLI, validation and redaction are all derived from this list. */
export type ConnectorField = {
  readonly name: string
  readonly type: 'text' | 'secret' | 'number' | 'boolean' | 'file' | 'choice'
  readonly required: boolean
  readonly advanced?: boolean
  readonly choices?: readonly string[]
  readonly defaultValue?: string
  /** True for what exists on this device only (key-file path, agent use): kept in local.json, never replicated. */
  readonly deviceOnly?: boolean
  /** True for a field whose change drops secrets and pin (host, port, proxy). */
  readonly identifiesServer?: boolean
  /** True when the text may span lines (a private key). */
  readonly multiline?: boolean
}

/** Everything a connector may use. `fields` and `secrets` are those of one credential; no other identity is ever offered. */
export type ConnectorConfig = {
  readonly fields: Readonly<Record<string, string>>
  /** Owned by the worker, which dies after the run; the connector does not keep copies beyond sign-in. */
  readonly secrets: Readonly<Record<string, Uint8Array>>
  /** Pinned identity of the server, null = none. With null `open` throws `untrusted-server` carrying the fingerprint. */
  readonly hostKey: string | null
  /** Root folder as the server takes it. */
  readonly root: string
}

export type ConnectorDeps = {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** A fresh name `.fernsync-<run8>-<n>.part` for a temp file beside a target. */
  readonly tempName: () => string
  /** Path of the SSH agent's socket when the credential uses one, else null. */
  readonly agentSocket: string | null
  /** Reads a key file named by the credential, at most 64 KiB; the caller wipes the bytes. */
  readonly readKeyFile: (path: string) => Promise<Uint8Array>
}

export type Connector = {
  readonly kind: string
  readonly fields: readonly ConnectorField[]
  /** Connects and signs in, once. Rejects with RemoteError (`unreachable`, `auth-failed`, `untrusted-server`, ...). */
  open(config: ConnectorConfig, deps: ConnectorDeps, signal: AbortSignal): Promise<Remote>
  /** Connects only far enough to learn the server's identity; no credential is sent. Absent when the kind has none. */
  fetchHostKey?(config: ConnectorConfig, deps: ConnectorDeps, signal: AbortSignal): Promise<string>
}
