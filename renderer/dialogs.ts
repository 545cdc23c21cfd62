import { h, type VNode } from 'vue'
import type { VaultStatus } from '../main/model/vault.ts'
import type { Credential } from '../main/model/credential.ts'
import RemoveServerDialog from './features/credentials/RemoveServerDialog.vue'
import TrustDialog from './features/credentials/TrustDialog.vue'
import PlanDialog from './features/jobs/PlanDialog.vue'
import RemoveJobDialog from './features/jobs/RemoveJobDialog.vue'
import KeychainDialog from './features/settings/KeychainDialog.vue'
import ExportDialog from './features/transfer/ExportDialog.vue'
import ExportServerDialog from './features/transfer/ExportServerDialog.vue'
import ChangePasswordDialog from './features/unlock/ChangePasswordDialog.vue'
import CheckVaultDialog from './features/unlock/CheckVaultDialog.vue'
import ForgotDialog from './features/unlock/ForgotDialog.vue'
import StartOverDialog from './features/unlock/StartOverDialog.vue'
import RecoveryKeyDialog from './features/ways-in/RecoveryKeyDialog.vue'
import RemoveRecoveryDialog from './features/ways-in/RemoveRecoveryDialog.vue'
import RequireKeyFileDialog from './features/ways-in/RequireKeyFileDialog.vue'
import RotateKeyDialog from './features/ways-in/RotateKeyDialog.vue'
import StopKeyFileDialog from './features/ways-in/StopKeyFileDialog.vue'

/** What a dialog may need to be opened by itself. */
export type DialogSubjects = {
  readonly server: Credential
  readonly job: { readonly id: string; readonly name: string }
  readonly generations: VaultStatus['generations']
  readonly slots: VaultStatus['slots']
}

/** Every dialog of the page by name, each opened alone; tests walk this list. */
export const dialogs: Readonly<Record<string, (subjects: DialogSubjects) => VNode>> = {
  'change-password': ({ slots }) => h(ChangePasswordDialog, { slots }),
  export: ({ slots }) => h(ExportDialog, { slots }),
  'export-server': ({ server, slots }) => h(ExportServerDialog, { credential: server, slots }),
  'check-vault': () => h(CheckVaultDialog, { isLocked: false }),
  'check-locked': ({ slots }) => h(CheckVaultDialog, { isLocked: true, slots }),
  keychain: ({ slots }) => h(KeychainDialog, { slots }),
  forgot: ({ generations }) => h(ForgotDialog, { generations, hasRecoveryKey: true }),
  plan: ({ job }) => h(PlanDialog, { job }),
  'recovery-key': ({ slots }) => h(RecoveryKeyDialog, { slots }),
  'remove-recovery-key': ({ slots }) => h(RemoveRecoveryDialog, { slots }),
  'require-key-file': ({ slots }) => h(RequireKeyFileDialog, { slots }),
  'stop-key-file': ({ slots }) => h(StopKeyFileDialog, { slots }),
  'rotate-key': ({ slots }) => h(RotateKeyDialog, { slots }),
  'remove-job': ({ job }) => h(RemoveJobDialog, { job }),
  'remove-server': ({ server }) => h(RemoveServerDialog, { credential: { ...server, usedBy: [] } }),
  'server-in-use': ({ server, job }) => h(RemoveServerDialog, { credential: { ...server, usedBy: [job] } }),
  'start-over': () => h(StartOverDialog),
  trust: ({ server }) => h(TrustDialog, { credential: server }),
}
