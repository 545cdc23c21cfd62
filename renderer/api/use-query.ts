import { onScopeDispose, readonly, shallowRef, type ShallowRef } from 'vue'
import { toApiError, type ApiError } from './api-error.ts'

export type Query<T> = {
  /** The last good answer; null before the first. It stays while a newer one loads or fails. */
  readonly data: Readonly<ShallowRef<T | null>>
  readonly error: Readonly<ShallowRef<ApiError | null>>
  readonly isLoading: Readonly<ShallowRef<boolean>>
  reload(): Promise<void>
}

/** Asks once now and again on `reload`. Of overlapping answers only the latest question's counts. */
export function useQuery<T>(ask: () => Promise<T>): Query<T> {
  const data: ShallowRef<T | null> = shallowRef(null)
  const error = shallowRef<ApiError | null>(null)
  const isLoading = shallowRef(true)
  let latest = 0

  async function reload(): Promise<void> {
    latest += 1
    const turn = latest
    isLoading.value = true
    try {
      const answer = await ask()
      if (turn !== latest) return
      data.value = answer
      error.value = null
    } catch (thrown) {
      if (turn !== latest) return
      error.value = toApiError(thrown)
    }
    isLoading.value = false
  }

  onScopeDispose(() => {
    latest += 1
    data.value = null
  })
  void reload()
  return { data, error: readonly(error), isLoading: readonly(isLoading), reload }
}
