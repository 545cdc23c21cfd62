import { inject, type App, type InjectionKey } from 'vue'

/** The few words that components of this folder say themselves; the app gives them in its language. */
export type UiTexts = {
  readonly close: string
  readonly cancel: string
  readonly showPassword: string
  readonly hidePassword: string
  readonly capsLock: string
  readonly loading: string
  readonly notifications: string
  readonly copied: string
  readonly clearSearch: string
}

const key: InjectionKey<UiTexts> = Symbol('ui texts')

export function provideUiTexts(app: App, texts: UiTexts): void {
  app.provide(key, texts)
}

/** The words of this app; only inside `setup`. */
export function useUiTexts(): UiTexts {
  const texts = inject(key)
  if (texts === undefined) throw new Error('no ui texts were provided to this app')
  return texts
}
