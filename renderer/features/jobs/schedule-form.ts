import { scheduleShape, scheduleText, type ScheduleShape } from '../../../main/messages/schedule-shape.ts'

/** The form of a schedule: every part is there at once, so that switching back and forth loses nothing typed. */
export type ScheduleForm = {
  kind: ScheduleShape['kind']
  count: string
  unit: 'm' | 'h' | 'd'
  /** `HH:MM`, as a time input gives it. */
  time: string
  days: number[]
  cron: string
}

const fresh: ScheduleForm = {
  kind: 'manual',
  count: '15',
  unit: 'm',
  time: '02:30',
  days: [1, 2, 3, 4, 5],
  cron: '30 2 * * *',
}

const clockText = (hour: number, minute: number) =>
  `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`

/** The form that shows a stored schedule. */
export function formOf(text: string): ScheduleForm {
  const shape = scheduleShape(text)
  switch (shape.kind) {
    case 'manual':
      return { ...fresh, days: [...fresh.days] }
    case 'every':
      return { ...fresh, kind: 'every', count: String(shape.count), unit: shape.unit }
    case 'daily':
      return { ...fresh, kind: 'daily', time: clockText(shape.hour, shape.minute), cron: text }
    case 'weekly':
      return {
        ...fresh,
        kind: 'weekly',
        days: [...shape.days],
        time: clockText(shape.hour, shape.minute),
        cron: text,
      }
    case 'cron':
      return { ...fresh, kind: 'cron', cron: shape.expression }
  }
}

/** The schedule a form stands for; null while it is incomplete. */
export function textOf(form: ScheduleForm): string | null {
  const time = /^(\d{2}):(\d{2})$/.exec(form.time)
  const [hour, minute] = [Number(time?.[1]), Number(time?.[2])]
  switch (form.kind) {
    case 'manual':
      return 'manual'
    case 'every':
      return /^[1-9]\d{0,6}$/.test(form.count)
        ? scheduleText({ kind: 'every', count: Number(form.count), unit: form.unit })
        : null
    case 'daily':
      return time === null ? null : scheduleText({ kind: 'daily', hour, minute })
    case 'weekly':
      return time === null || form.days.length === 0
        ? null
        : scheduleText({ kind: 'weekly', days: form.days, hour, minute })
    case 'cron':
      return form.cron.trim() === '' ? null : form.cron.trim().replace(/\s+/g, ' ')
  }
}
