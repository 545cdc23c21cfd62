/** Entry files that may run as a child process. */
export type ChildKind = 'worker' | 'vault-process' | 'keychain-helper' | 'import-process'

/** One child process. Messages are structured-clone values; what arrives is `unknown` until parsed. */
export interface ChildProcess {
  readonly pid: number | null
  post(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** Called once; `code` is null when a signal ended it. */
  onExit(listener: (code: number | null) => void): void
  /** Ends the process at once (SIGKILL where there are signals). Idempotent. */
  kill(): void
}

/**
 * Starts child processes with an explicit environment (PATH LANG TZ HOME TMPDIR, plus only what `extraEnv` names), no
 * inherited descriptors, empty execArgv. The Node adapter forks, the desktop uses Electron's utilityProcess.
 */
export interface WorkerHost {
  start(kind: ChildKind, extraEnv?: Readonly<Record<string, string>>): ChildProcess
}
