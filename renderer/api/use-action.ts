import { readonly, shallowRef, type ShallowRef } from 'vue'
import { toApiError, type ApiError } from './api-error.ts'

export type Action<A extends unknown[], T> = {
  readonly error: Readonly<ShallowRef<ApiError | null>>
  readonly isBusy: Readonly<ShallowRef<boolean>>
  /** Runs it; null when it failed (see `error`) or is still busy with an earlier call. */
  run(...args: A): Promise<T | null>
  clear(): void
}

/** Something a person starts: one at a time, with its failure kept for an inline message. */
export function useAction<A extends unknown[], T>(act: (...args: A) => Promise<T>): Action<A, T> {
  const error = shallowRef<ApiError | null>(null)
  const isBusy = shallowRef(false)

  async function run(...args: A): Promise<T | null> {
    if (isBusy.value) return null
    isBusy.value = true
    error.value = null
    try {
      return await act(...args)
    } catch (thrown) {
      error.value = toApiError(thrown)
      return null
    } finally {
      isBusy.value = false
    }
  }

  return {
    error: readonly(error),
    isBusy: readonly(isBusy),
    run,
    clear: () => {
      error.value = null
    },
  }
}
