import { onScopeDispose, readonly, shallowRef, type ShallowRef } from 'vue'
import { loadStrengthMeter, type Strength, type StrengthMeter } from './strength.ts'

/**
 * The strength of what stands in an input, shortly after the last key. The password is read when it is judged and not
 * kept. Null while nothing is typed or the estimator has not arrived.
 */
export function useStrength(): {
  readonly strength: Readonly<ShallowRef<Strength | null>>
  readonly judge: (input: HTMLInputElement) => void
} {
  const strength = shallowRef<Strength | null>(null)
  const loading: Promise<StrengthMeter> = loadStrengthMeter()
  // Without the estimator a password can still be chosen; the length is checked in any case.
  loading.catch(() => undefined)
  let timer: ReturnType<typeof setTimeout> | undefined

  async function measure(input: HTMLInputElement): Promise<void> {
    const meter = await loading.catch(() => null)
    if (meter !== null) strength.value = input.value === '' ? null : meter(input.value)
  }

  function judge(input: HTMLInputElement): void {
    clearTimeout(timer)
    timer = setTimeout(() => void measure(input), 120)
  }
  onScopeDispose(() => clearTimeout(timer))
  return { strength: readonly(strength), judge }
}
