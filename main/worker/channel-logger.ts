import type { LogFields, Logger } from '../core/ports/logger.ts'
import type { FromWorker } from '../model/worker-messages.ts'

/** Sends log lines to the host, which owns the log files. */
export function createChannelLogger(post: (message: FromWorker) => void): Logger {
  const send = (level: 'info' | 'warn' | 'error') => (event: string, fields?: LogFields) => {
    post({ type: 'log', level, event, fields: { ...fields } })
  }
  return { info: send('info'), warn: send('warn'), error: send('error') }
}
