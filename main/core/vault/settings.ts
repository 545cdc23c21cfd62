import { VaultSettings } from '../../model/vault.ts'
import type { OpenRecord } from './open-records.ts'
import type { SettingsMeta } from './record-kinds.ts'
import type { Transaction, View } from './transaction.ts'

const TITLE = 'settings'

/** The settings of the vault, defaults for what was never changed. */
export function readSettings(view: View): VaultSettings {
  return VaultSettings.parse(settingsRecord(view)?.meta.fields ?? {})
}

export function changeSettings(transaction: Transaction, patch: Partial<VaultSettings>): VaultSettings {
  const old = settingsRecord(transaction.view)
  const next = VaultSettings.parse({ ...readSettings(transaction.view), ...patch })
  transaction.put(
    old,
    { _kind: 'settings', title: TITLE, fields: { ...old?.meta.fields, ...next } },
    { fields: {} },
  )
  return next
}

/** Two devices may each have made one before they first met; the lowest id is the one all agree on. */
function settingsRecord({ open }: View): OpenRecord<SettingsMeta> | null {
  const [first] = [...open.settings].sort((a, b) => (a.entry.record.id < b.entry.record.id ? -1 : 1))
  return first ?? null
}
