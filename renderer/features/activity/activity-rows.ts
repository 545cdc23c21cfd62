import type { AuditEntry } from '../../../main/model/audit.ts'
import { dayKey } from '../../i18n/format.ts'

/** A line of the list: the heading of a day or an entry. All of one height, so that only those in sight need exist. */
export type ActivityRow =
  | { readonly kind: 'day'; readonly key: string; readonly at: string }
  | { readonly kind: 'entry'; readonly key: string; readonly entry: AuditEntry }

/** Entries, newest first, under headings of local days. */
export function activityRows(entries: readonly AuditEntry[]): ActivityRow[] {
  const rows: ActivityRow[] = []
  let day = ''
  for (const entry of entries) {
    const key = dayKey(entry.time)
    if (key !== day) rows.push({ kind: 'day', key: `day ${key} ${entry.n}`, at: entry.time })
    day = key
    rows.push({ kind: 'entry', key: String(entry.n), entry })
  }
  return rows
}
