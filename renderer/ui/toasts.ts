import { inject, readonly, shallowRef, type App, type InjectionKey, type ShallowRef } from 'vue'

export type Toast = { readonly id: number; readonly text: string; readonly tone: 'done' | 'problem' }

export type Toasts = {
  readonly shown: Readonly<ShallowRef<readonly Toast[]>>
  readonly show: (text: string, tone?: Toast['tone']) => void
  readonly dismiss: (id: number) => void
}

const SHOWN_MS = 5000
const MOST = 3

const key: InjectionKey<Toasts> = Symbol('toasts')

/** Short confirmations in a corner; they go by themselves and never carry the only copy of a message. */
export function createToasts(): Toasts {
  const shown = shallowRef<readonly Toast[]>([])
  let last = 0

  function dismiss(id: number): void {
    shown.value = shown.value.filter((toast) => toast.id !== id)
  }

  function show(text: string, tone: Toast['tone'] = 'done'): void {
    last += 1
    const id = last
    shown.value = [...shown.value, { id, text, tone }].slice(-MOST)
    setTimeout(() => dismiss(id), SHOWN_MS)
  }
  return { shown: readonly(shown), show, dismiss }
}

export function provideToasts(app: App, toasts: Toasts): void {
  app.provide(key, toasts)
}

/** The toasts of this app; only inside `setup`. */
export function useToasts(): Toasts {
  const toasts = inject(key)
  if (toasts === undefined) throw new Error('no toasts were provided to this app')
  return toasts
}
