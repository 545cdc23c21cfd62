import type { CallName, Input, Output } from './calls.ts'
import type { EventName, EventValue } from './events.ts'
import type { Result } from './result.ts'

/** What the page sees as `window.api`: frozen, names only. Values are structured-clone values, never Proxies. */
export type Api = {
  readonly call: { readonly [N in CallName]: (input: Input<N>) => Promise<Result<Output<N>>> }
  /** Subscribes; answers the function that unsubscribes. */
  on<N extends EventName>(name: N, listener: (value: EventValue<N>) => void): () => void
}
