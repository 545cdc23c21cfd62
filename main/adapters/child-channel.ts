/** The way of a child process to its parent. What arrives is `unknown` until a schema read it. */
export type ParentChannel = {
  post(message: unknown): void
  /** Messages that came before the first listener are delivered to it. */
  onMessage(listener: (message: unknown) => void): void
}

type OrphanOptions = { readonly onOrphaned?: () => void }

/** What Electron's utility process has as `process.parentPort`. */
type ParentPort = {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): void
}

/**
 * Opens the channel to whoever started this process, by Node's fork or as Electron's utility process. A forked child ends when
 * its parent is gone: it must never outlive the one who could stop it. `onOrphaned` replaces the plain exit where that may
 * hang. Throws when there is no parent.
 */
export function openParentChannel({ onOrphaned = () => process.exit(0) }: OrphanOptions = {}): ParentChannel {
  // Electron ends a utility process together with its parent.
  if ('parentPort' in process && isParentPort(process.parentPort)) return overPort(process.parentPort)
  if (process.send === undefined) throw new Error('this file is started by Fernsync, not by hand')
  process.on('disconnect', () => onOrphaned())
  return {
    post: (message) => {
      // The callback, because without one a parent that just died becomes an uncaught error instead of `disconnect`.
      process.send?.(message, undefined, undefined, () => {})
    },
    onMessage: (listener) => {
      process.on('message', listener)
    },
  }
}

function overPort(port: ParentPort): ParentChannel {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.on('message', (event) => listener(event.data))
    },
  }
}

function isParentPort(value: unknown): value is ParentPort {
  return typeof value === 'object' && value !== null && 'postMessage' in value && 'on' in value
}
