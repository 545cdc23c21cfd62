import { callNames } from '../contract/call-names.ts'
import { calls } from '../contract/calls.ts'
import type { CallName, Handlers } from '../contract/calls.ts'
import type { Result } from '../contract/result.ts'
import { toWireError } from '../services/error-text.ts'
import { AppError } from '../model/app-error.ts'

type Ipc<E> = { handle(channel: string, listener: (event: E, input: unknown) => Promise<unknown>): void }

export type BindOptions<E> = {
  /** Whether a call comes from the top frame of a window of ours that shows our page. */
  readonly isTrusted: (event: E) => boolean
  /** For the log: name of the call and error code, nothing of the input. */
  readonly onError: (name: CallName, code: string) => void
}

/** Connects the contract to the services. The only place that registers an IPC channel; names come from a fixed list. */
export function bindCalls<E>(ipc: Ipc<E>, handlers: Handlers, options: BindOptions<E>): void {
  const fail = (name: CallName, error: unknown): Result<never> => {
    const wire = toWireError(error)
    options.onError(name, wire.code)
    return { ok: false, error: wire }
  }
  for (const name of callNames) {
    ipc.handle(`call:${name}`, async (event, raw) => {
      if (!options.isTrusted(event)) return fail(name, new AppError('forbidden', 'untrusted sender'))
      const { input, output } = calls[name]
      const parsed = input.safeParse(raw)
      if (!parsed.success) {
        wipeBytes(raw)
        const field = parsed.error.issues[0]?.path.join('.') ?? ''
        return fail(name, new AppError('bad-request', 'invalid input', { details: { field } }))
      }
      // The one cast: TypeScript cannot see that name, input and handler belong together.
      const handler = handlers[name] as (input: unknown) => Promise<unknown>
      try {
        const value = await handler(parsed.data)
        wipeAfterReply(value)
        return { ok: true, value: output.parse(value) }
      } catch (error) {
        return fail(name, error)
      } finally {
        // Passwords and secrets cross as bytes; whatever a handler did with them, main's copy ends here.
        wipeBytes(raw)
      }
    })
  }
}

/**
 * Zeroes main's copy of a revealed secret. Electron serialises a reply in the microtasks that follow a handler's promise
 * (as the stand-in does), so the next turn of the event loop is after it; wiping earlier would send zeros.
 */
function wipeAfterReply(value: unknown): void {
  setImmediate(() => {
    wipeBytes(value)
  })
}

/** Zeroes byte arrays anywhere in a structured-clone value (schemas pass them through uncopied). */
export function wipeBytes(value: unknown, depth = 0): void {
  if (value instanceof Uint8Array) value.fill(0)
  else if (typeof value === 'object' && value !== null && depth < 8) {
    for (const inner of Object.values(value)) wipeBytes(inner, depth + 1)
  }
}
