import { onScopeDispose, readonly, shallowRef, type ShallowRef } from 'vue'

/** Whole seconds that are left of a wait; 0 when there is none. */
export function useCountdown(): {
  readonly secondsLeft: Readonly<ShallowRef<number>>
  readonly start: (ms: number) => void
} {
  const secondsLeft = shallowRef(0)
  let timer: ReturnType<typeof setInterval> | undefined
  let endsAt = 0

  function tick(): void {
    secondsLeft.value = Math.max(0, Math.ceil((endsAt - Date.now()) / 1000))
    if (secondsLeft.value === 0) clearInterval(timer)
  }

  function start(ms: number): void {
    clearInterval(timer)
    endsAt = Date.now() + ms
    timer = setInterval(tick, 250)
    tick()
  }
  onScopeDispose(() => clearInterval(timer))
  return { secondsLeft: readonly(secondsLeft), start }
}
