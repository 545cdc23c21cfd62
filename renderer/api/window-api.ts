import type { Api } from '../../main/contract/api.ts'

declare global {
  interface Window {
    /** Put there by the preload script; absent in an ordinary browser. */
    readonly api?: Api
  }
}

/** The bridge to the main side. Throws when this page was not opened by Fernsync. */
export function windowApi(): Api {
  if (window.api === undefined) throw new Error('window.api is missing: this page runs inside Fernsync only')
  return window.api
}
