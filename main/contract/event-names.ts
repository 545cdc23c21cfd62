import type { EventName } from './events.ts'

export const eventNames = [
  'vault.state',
  'vault.rotation',
  'vault.checking',
  'jobs.changed',
  'run.progress',
  'app.navigate',
] as const satisfies readonly EventName[]

type Missing = Exclude<EventName, (typeof eventNames)[number]>
export const allEventsListed: [Missing] extends [never] ? true : Missing = true
