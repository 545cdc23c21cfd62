import { createConnection, type Socket } from 'node:net'
import ssh2 from 'ssh2'
import type { Client, ClientChannel, ConnectConfig, ServerHostKeyAlgorithm } from 'ssh2'
import type { Clock } from '../../core/ports/clock.ts'
import { RemoteError } from '../../core/remote/remote-error.ts'
import { signInByCertificate } from './certified-key.ts'
import { connectionErrorCode, describeFailure, type Stage } from './errors.ts'
import { describeHostKey, type HostKey } from './host-key.ts'
import type { Transport } from './session.ts'
import { createAuthenticator, type SignIn } from './sign-in.ts'

export type Endpoint = { readonly host: string; readonly port: number }

export type DialOptions = {
  readonly clock: Clock
  /** For everything up to the end of the sign-in. */
  readonly connectMs: number
  readonly hostKeys: readonly ServerHostKeyAlgorithm[]
  /** Judges the key before anything that identifies us is sent. Null = learn the key and hang up. */
  readonly accepts: ((key: HostKey) => boolean) | null
  /** Null only together with `accepts: null`. */
  readonly signIn: SignIn | null
}

/** Keeps address translation on the way from forgetting an idle connection; a dead server is found by the session's watch. */
const keepAliveMs = 20_000

/** A connection in the making: its stage tells what an error means. */
type Dial = {
  readonly client: Client
  readonly socket: Socket
  stage: Stage
  /** True from the first packet of sftp on. */
  isOpen: boolean
  key: HostKey | null
}

/** What ssh2 calls an error although the sign-in goes on with the next method. */
function isPassing(error: Error): boolean {
  return 'level' in error && error.level === 'agent'
}

function algorithms(hostKeys: readonly ServerHostKeyAlgorithm[]): NonNullable<ConnectConfig['algorithms']> {
  const without = <T>(remove: T[]): Record<'append' | 'prepend' | 'remove', T[]> => ({
    append: [],
    prepend: [],
    remove,
  })
  return {
    // ssh2's own lists put AES-128-GCM and curve25519 first and hold no SHA-1 key exchange; these two do have SHA-1.
    serverHostKey: [...hostKeys],
    hmac: without(['hmac-sha1', 'hmac-sha1-etm@openssh.com']),
    compress: without(['zlib', 'zlib@openssh.com']),
  }
}

/** Runs `start` until it settles; a deadline or an abort destroys the socket and says so instead. */
async function guarded<T>(
  dial: Dial,
  options: DialOptions,
  signal: AbortSignal,
  start: (fail: (error: RemoteError) => void, done: (value: T) => void) => void,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const cancelled = (): void => reject(new RemoteError('cancelled', 'connecting was cancelled'))
  const cancelTimer = options.clock.setTimer(options.connectMs, () => {
    // A host that does not even answer the first packet is not there; one that falls silent later is slow or stopped.
    const code = dial.stage === 'connecting' ? 'unreachable' : 'timeout'
    reject(new RemoteError(code, 'the server did not answer in time'))
  })
  signal.addEventListener('abort', cancelled, { once: true })
  if (signal.aborted) cancelled()
  else start(reject, resolve)
  try {
    return await promise
  } catch (error) {
    dial.socket.destroy()
    throw error
  } finally {
    cancelTimer()
    signal.removeEventListener('abort', cancelled)
  }
}

/** Several SSH packets at a time, of which only the last is cut in two and has to be put together. */
const readLength = 256 * 1024

/**
 * A socket that reads into one buffer over and over: a download would let go of another 64 KiB per read otherwise. Until the
 * connection is open, listeners get a copy, because ssh2 keeps parts of the key exchange; from then on everything it keeps was
 * decrypted into memory of its own.
 */
function newDial({ host, port }: Endpoint): Dial {
  const onRead = (count: number, buffer: Uint8Array): boolean => {
    const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, count)
    socket.emit('data', dial.isOpen ? bytes : Buffer.from(bytes))
    return true
  }
  const onread = { buffer: Buffer.allocUnsafeSlow(readLength), callback: onRead }
  const socket = createConnection({ host, port, noDelay: true, onread })
  const dial: Dial = { client: new ssh2.Client(), socket, stage: 'connecting', isOpen: false, key: null }
  return dial
}

/** Reports what ends a connection, whichever event tells it first. */
function onEnd(dial: Dial, wasRefused: () => boolean, report: (error: RemoteError) => void): void {
  const fail = (cause: unknown): void => {
    const code = connectionErrorCode(describeFailure(cause), dial.stage, wasRefused())
    const fingerprint = code === 'untrusted-server' && dial.key ? { fingerprint: dial.key.fingerprint } : {}
    report(new RemoteError(code, `the connection failed while ${dial.stage}`, { cause, ...fingerprint }))
  }
  dial.client.on('error', (error) => {
    if (!isPassing(error)) fail(error)
  })
  dial.client.on('close', () => fail(null))
}

function connectConfig(dial: Dial, options: DialOptions): ConnectConfig {
  return {
    sock: dial.socket,
    username: options.signIn?.user ?? '',
    // Our own deadline covers it: this one would not see the name lookup.
    readyTimeout: 0,
    keepaliveInterval: keepAliveMs,
    keepaliveCountMax: Number.MAX_SAFE_INTEGER,
    algorithms: algorithms(options.hostKeys),
  }
}

/**
 * Connects until the server has proved that it owns the key it shows, then hangs up. Neither user name nor credential is sent.
 * Rejects with RemoteError.
 */
export function learnHostKey(
  endpoint: Endpoint,
  options: DialOptions,
  signal: AbortSignal,
): Promise<HostKey> {
  const dial = newDial(endpoint)
  return guarded<HostKey>(dial, options, signal, (fail, done) => {
    onEnd(dial, () => false, fail)
    dial.socket.once('connect', () => (dial.stage = 'handshake'))
    // Emitted after the signature over the exchange was checked and before the first message of the sign-in.
    dial.client.on('handshake', () => {
      dial.socket.destroy()
      if (dial.key !== null) done(dial.key)
    })
    dial.client.connect({
      ...connectConfig(dial, options),
      hostVerifier: (blob: Buffer) => {
        dial.key = describeHostKey(blob)
        return true
      },
      authHandler: () => dial.socket.destroy(),
    })
  })
}

/** Signs in and opens the sftp subsystem. Rejects with RemoteError; `untrusted-server` carries the fingerprint that was shown. */
export function dialSftp(
  endpoint: Endpoint,
  options: DialOptions & { readonly signIn: SignIn; readonly accepts: (key: HostKey) => boolean },
  signal: AbortSignal,
): Promise<Transport> {
  const dial = newDial(endpoint)
  let lose: ((error: RemoteError) => void) | null = null
  return guarded<Transport>(dial, options, signal, (fail, done) => {
    const refuse = (): void => fail(new RemoteError('auth-failed', 'the server refused the credential'))
    const authenticator = createAuthenticator(options.signIn, refuse)
    onEnd(dial, authenticator.wasRefused, (error) => {
      fail(error)
      lose?.(error)
    })
    dial.socket.once('connect', () => (dial.stage = 'handshake'))
    dial.client.on('handshake', () => (dial.stage = 'sign-in'))
    dial.client.on('change password', refuse)
    dial.client.on('ready', () => {
      dial.stage = 'open'
      dial.client.subsys('sftp', (error, channel) => {
        if (error) fail(new RemoteError('unsupported', 'the server offers no sftp', { cause: error }))
        else done(createTransport(dial, channel, (listener) => (lose = listener)))
      })
    })
    dial.client.connect({
      ...connectConfig(dial, options),
      hostVerifier: (blob: Buffer) => {
        const key = (dial.key = describeHostKey(blob))
        if (options.accepts(key)) return true
        const { fingerprint } = key
        fail(new RemoteError('untrusted-server', 'the host key is not the pinned one', { fingerprint }))
        return false
      },
      authHandler: (offered, accepted, next) => {
        const method = authenticator.next(offered, accepted)
        if (method === null) refuse()
        else next(method)
      },
    })
    // From `connect` on the client has what is to be adapted, and nothing is sent before this turn ends.
    const { certified } = options.signIn
    if (certified !== null && !signInByCertificate(dial.client, certified))
      fail(new RemoteError('internal', 'ssh2 is not the version that is known'))
  })
}

function createTransport(
  dial: Dial,
  channel: ClientChannel,
  onGone: (listener: (error: RemoteError) => void) => void,
): Transport {
  const { socket, client } = dial
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  // What the server writes there is for people; unread it would stop the channel.
  channel.stderr.resume()
  dial.isOpen = true
  return {
    write(packets) {
      if (!channel.writable) return
      // One system call for all: each SSH packet is three writes in ssh2 without its native part.
      socket.cork()
      for (const packet of packets) channel.write(packet)
      socket.uncork()
    },
    onData: (listener) => void channel.on('data', listener),
    onLost(listener) {
      const lost = (): void => listener(new RemoteError('unreachable', 'the server closed the connection'))
      onGone(listener)
      channel.on('close', lost)
      channel.on('end', lost)
      channel.on('error', lost)
    },
    activity: () => socket.bytesRead + socket.bytesWritten - socket.writableLength,
    destroy: () => void socket.destroy(),
    async end() {
      client.end()
      const cut = setTimeout(() => socket.destroy(), 2_000)
      await closed
      clearTimeout(cut)
    },
  }
}
