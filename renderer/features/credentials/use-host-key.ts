import { readonly, shallowRef, type ShallowRef } from 'vue'
import type { ApiError } from '../../api/api-error.ts'
import { useClient } from '../../api/client.ts'
import { useAction } from '../../api/use-action.ts'
import { draftOf, type ServerFields } from './server-fields.ts'

export type HostKey = {
  /** What the server showed; null before it answered and after `forget`. */
  readonly hostKey: Readonly<ShallowRef<string | null>>
  readonly isTrusted: ShallowRef<boolean>
  readonly error: Readonly<ShallowRef<ApiError | null>>
  readonly isBusy: Readonly<ShallowRef<boolean>>
  /** Asks the server for its identity; no credential is sent. */
  fetch(fields: ServerFields): Promise<void>
  forget(): void
}

/** The identity of a server being set up and whether a person trusts it. A changed address forgets both. */
export function useHostKey(): HostKey {
  const client = useClient()
  const hostKey = shallowRef<string | null>(null)
  const isTrusted = shallowRef(false)
  const ask = useAction((fields: ServerFields) =>
    client.call('credentials.fetchHostKey', {
      draft: draftOf({ ...fields, name: fields.name || fields.host }, { hostKey: null, extra: {} }),
    }),
  )

  function forget(): void {
    hostKey.value = null
    isTrusted.value = false
    ask.clear()
  }

  async function fetch(fields: ServerFields): Promise<void> {
    forget()
    hostKey.value = (await ask.run(fields))?.hostKey ?? null
  }
  return { hostKey: readonly(hostKey), isTrusted, error: ask.error, isBusy: ask.isBusy, fetch, forget }
}
