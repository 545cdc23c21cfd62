import { computed, type ComputedRef } from 'vue'
import type { CredentialTypeInfo } from '../../../main/contract/calls.ts'
import { useClient } from '../../api/client.ts'
import { useQuery, type Query } from '../../api/use-query.ts'

/** The kinds of credential as the main side describes them. */
export function useKinds(): Query<CredentialTypeInfo[]> {
  const client = useClient()
  return useQuery(() => client.call('credentials.types'))
}

/** One of them; null until they are known. */
export function useKind(type: () => string): ComputedRef<CredentialTypeInfo | null> {
  const kinds = useKinds()
  return computed(() => kinds.data.value?.find((kind) => kind.type === type()) ?? null)
}
