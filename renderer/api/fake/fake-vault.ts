import type { FakeHandlers, FakeWorld } from '../fake-api.ts'
import { ago } from './fake-data.ts'

type VaultCalls =
  | 'app.info'
  | 'preferences.get'
  | 'preferences.set'
  | 'vault.status'
  | 'vault.lock'
  | 'vault.restore'
  | 'vault.startOver'
  | 'keychain.remember'
  | 'keychain.forget'
  | 'keychain.expiry'
  | 'settings.get'
  | 'settings.set'

/** The vault half of the fake: states and settings. */
export function vaultCalls(world: FakeWorld): FakeHandlers<VaultCalls> {
  function enter(state: FakeWorld['status']['state']) {
    world.status = { ...world.status, state }
    world.emit('vault.state', { state })
    return world.status
  }

  return {
    'app.info': () => world.info,
    'preferences.get': () => world.preferences,
    'preferences.set': (change) => (world.preferences = { ...world.preferences, ...change }),
    'vault.status': () => world.status,
    'vault.lock': () => enter('locked'),
    'vault.restore': () => enter('locked'),
    'vault.startOver': () => ({ keptAs: 'vault-2026-11-23.json', status: enter('no-vault') }),
    'keychain.remember': () => (world.status = { ...world.status, keychain: 'on' }),
    'keychain.forget': () => (world.status = { ...world.status, keychain: 'off' }),
    'keychain.expiry': () => ({ until: world.status.keychain === 'off' ? null : ago(-30 * 86_400_000) }),
    'settings.get': () => world.settings,
    'settings.set': (change) => (world.settings = { ...world.settings, ...change }),
  }
}
