import { computed, shallowRef, watch, type ComputedRef } from 'vue'
import type { ApiError } from '../api/api-error.ts'
import { needsKeyFile } from './proof.ts'
import type { Slots } from './proof.ts'

/**
 * Whether a key file is asked for: by what is known of the vault, or because an answer has said so. The slots of a vault that does not
 * open are not known before, and those of an open one may be changed from a shell.
 */
export function useKeyFileNeed(slots: () => Slots, error: () => ApiError | null): ComputedRef<boolean> {
  const wasTold = shallowRef(false)
  watch(error, (found) => {
    if (found?.code === 'key-file-needed') wasTold.value = true
  })
  return computed(() => wasTold.value || needsKeyFile(slots()))
}
