import { activity } from './en/activity.ts'
import { check } from './en/check.ts'
import { common } from './en/common.ts'
import { credentials } from './en/kinds.ts'
import { history } from './en/history.ts'
import { jobs } from './en/jobs.ts'
import { onboarding } from './en/onboarding.ts'
import { servers } from './en/servers.ts'
import { settings } from './en/settings.ts'
import { transfer } from './en/transfer.ts'
import { unlock } from './en/unlock.ts'
import { waysIn } from './en/ways-in.ts'

/** Everything that appears on screens only. Sentences of error codes and words of states are in main/messages. */
export const texts = {
  activity,
  check,
  common,
  credentials,
  history,
  jobs,
  onboarding,
  servers,
  settings,
  transfer,
  unlock,
  waysIn,
} as const
