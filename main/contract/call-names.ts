import type { CallName } from './calls.ts'

/** Plain strings, so that the preload bundle holds no schema library. */
export const callNames = [
  'app.info',
  'preferences.get',
  'preferences.set',
  'vault.status',
  'vault.create',
  'vault.unlock',
  'vault.lock',
  'vault.changePassword',
  'vault.restore',
  'vault.startOver',
  'keychain.remember',
  'keychain.forget',
  'settings.get',
  'settings.set',
  'credentials.types',
  'credentials.list',
  'credentials.parseTarget',
  'credentials.fetchHostKey',
  'credentials.add',
  'credentials.edit',
  'credentials.remove',
  'credentials.test',
  'credentials.testDraft',
  'credentials.reveal',
  'credentials.copy',
  'remote.list',
  'remote.makeFolder',
  'dialogs.pickFolder',
  'dialogs.pickKeyFile',
  'jobs.list',
  'jobs.add',
  'jobs.edit',
  'jobs.remove',
  'jobs.preview',
  'jobs.run',
  'jobs.cancel',
  'jobs.pause',
  'jobs.resume',
  'jobs.describeSchedule',
  'history.list',
] as const satisfies readonly CallName[]

type Missing = Exclude<CallName, (typeof callNames)[number]>
/** Does not compile when a call is missing above; the compiler names it. */
export const allCallsListed: [Missing] extends [never] ? true : Missing = true
