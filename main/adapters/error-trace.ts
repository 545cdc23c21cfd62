import type { LogFields } from '../core/ports/logger.ts'

/** Kind and place of a bug of ours for the log, without its message, which may quote what it stumbled over. */
export function traceOf(error: unknown): LogFields {
  const origin = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(origin instanceof Error)) return { kind: typeof origin }
  const frames = (origin.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
  return { kind: origin.name, where: frames.slice(0, 4).join(' ').replaceAll(/\s+/g, ' ') }
}
