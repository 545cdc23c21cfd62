import type { VaultStatus } from '../../../main/model/vault.ts'
import type { FakeScenario } from '../fake-api.ts'

type Slot = VaultStatus['slots'][number]

const pbkdf2 = {
  kdf: 'pbkdf2-hmac-sha256',
  iterations: 1_200_000,
  numbers: { iterations: 1_200_000 },
} satisfies Partial<Slot>
export const fakePassword: Slot = { id: 'pw1', type: 'password', ...pbkdf2 }
export const fakeKeyFile: Slot = { id: 'pk1', type: 'password+keyfile', ...pbkdf2 }
export const fakeRecovery: Slot = { id: 'rk1', type: 'recovery', ...pbkdf2 }

/** Of a file that cannot be read nobody knows the ways in. */
const unknown: readonly FakeScenario[] = ['no-vault', 'damaged', 'damaged-key-file', 'missing', 'newer']

/** The ways into the vault of a scenario. */
export function fakeSlots(scenario: FakeScenario): Slot[] {
  if (unknown.includes(scenario)) return []
  if (scenario === 'key-file' || scenario === 'filled-key-file') return [fakeKeyFile, fakeRecovery]
  return scenario === 'filled' ? [fakePassword, fakeRecovery] : [fakePassword]
}
