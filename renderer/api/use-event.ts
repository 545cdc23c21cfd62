import { onScopeDispose } from 'vue'
import type { EventName, EventValue } from '../../main/contract/events.ts'
import { useClient } from './client.ts'

/** Listens to an event of the main side for the life of the component. */
export function useEvent<N extends EventName>(name: N, listener: (value: EventValue<N>) => void): void {
  onScopeDispose(useClient().on(name, listener))
}
