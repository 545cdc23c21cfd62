import { inject, type App, type InjectionKey } from 'vue'
import type { Api } from '../../main/contract/api.ts'
import type { CallName, Input, Output } from '../../main/contract/calls.ts'
import type { Result } from '../../main/contract/result.ts'
import { ApiError, toApiError } from './api-error.ts'

/** The question itself, and its input when the contract has one. */
type CallArguments<N extends CallName> = [Input<N>] extends [void] ? [name: N] : [name: N, input: Input<N>]

export type Client = {
  /** Asks the main side; answers the value or throws `ApiError`. The caller wipes secret arrays it passed. */
  call<N extends CallName>(...question: CallArguments<N>): Promise<Output<N>>
  /** Subscribes to an event; answers the function that unsubscribes. */
  readonly on: Api['on']
}

/** Wraps the bridge so that a page sees values and `ApiError`s instead of envelopes. */
export function createClient(api: Api): Client {
  async function call<N extends CallName>(...[name, input]: CallArguments<N>): Promise<Output<N>> {
    // The one cast: TypeScript cannot see that a name and its input belong together.
    const ask = api.call[name] as (input: unknown) => Promise<Result<Output<N>>>
    const result = await ask(plain(input)).catch((error: unknown) => {
      throw toApiError(error)
    })
    if (!result.ok) throw new ApiError(result.error)
    return result.value
  }
  return { call, on: (name, listener) => api.on(name, listener) }
}

/**
 * A copy without Vue's proxies, which structured clone refuses. Byte arrays stay the same object, so that the copy of a
 * secret that the caller wipes is the only one on this side.
 */
function plain(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]))
}

const clientKey: InjectionKey<Client> = Symbol('api client')

/** Gives a Vue app its client. */
export function provideClient(app: App, client: Client): void {
  app.provide(clientKey, client)
}

/** The client of this app; only inside `setup`. */
export function useClient(): Client {
  const client = inject(clientKey)
  if (client === undefined) throw new Error('no api client was provided to this app')
  return client
}
