import { onScopeDispose, readonly, shallowRef, type ShallowRef } from 'vue'

/** The time in milliseconds, brought up to date every `everyMs`, so that words like "yesterday" stay true. */
export function useNow(everyMs = 30_000): Readonly<ShallowRef<number>> {
  const now = shallowRef(Date.now())
  const timer = setInterval(() => {
    now.value = Date.now()
  }, everyMs)
  onScopeDispose(() => clearInterval(timer))
  return readonly(now)
}
