import { readonly, shallowRef, type ShallowRef } from 'vue'
import type { ApiError } from '../../api/api-error.ts'
import { useClient } from '../../api/client.ts'
import { texts } from '../../i18n/en.ts'
import { isAboutProof } from '../../proofs/proof.ts'

type Place = { readonly token: string; readonly shown: string }

/** Where an export goes. It is asked for once: after a mistyped password the place that was chosen is still meant. */
export function useExportPlace(): {
  readonly place: Readonly<ShallowRef<Place | null>>
  /** Its token; null when the person closes the system's dialog. */
  readonly pick: (suggested: string) => Promise<string | null>
  readonly forget: () => void
  /** Forgets a place that could not be written to. */
  readonly afterFailure: (error: ApiError | null) => void
} {
  const client = useClient()
  const place = shallowRef<Place | null>(null)
  const forget = (): void => {
    place.value = null
  }
  return {
    place: readonly(place),
    forget,
    async pick(name) {
      if (place.value !== null) return place.value.token
      const picked = await client.call('dialogs.pickExportFile', {
        title: texts.transfer.export.dialog,
        name,
      })
      place.value = picked === null ? null : { token: picked.token, shown: picked.shown }
      return picked?.token ?? null
    },
    afterFailure(error) {
      if (error !== null && !isAboutProof(error)) forget()
    },
  }
}
