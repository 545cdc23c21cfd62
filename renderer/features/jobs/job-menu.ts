import { Eye, History, Pencil, Power, Trash2 } from '@lucide/vue'
import type { JobView } from '../../../main/model/job.ts'
import { texts } from '../../i18n/en.ts'
import type { MenuItem } from '../../ui/menu-item.ts'
import type { JobCommand } from './use-job-actions.ts'

/** The menu of a job; one that runs on another device can only be looked at. */
export function jobMenu(job: JobView): MenuItem<JobCommand>[] {
  const words = texts.jobs.menu
  const history: MenuItem<JobCommand> = { value: 'show-history', label: words.history, icon: History }
  const remove: MenuItem<JobCommand> = {
    value: 'remove',
    label: words.remove,
    icon: Trash2,
    isDangerous: true,
    hasLineBefore: true,
    isDisabled: job.state === 'running',
  }
  if (!job.device.here) return [history, remove]
  return [
    { value: 'preview', label: words.preview, icon: Eye, isDisabled: job.state === 'running' },
    { value: 'edit-job', label: words.edit, icon: Pencil },
    history,
    {
      value: job.enabled ? 'disable' : 'enable',
      label: job.enabled ? words.disable : words.enable,
      icon: Power,
    },
    remove,
  ]
}
