import type { FakeHandlers, FakeWorld } from '../fake-api.ts'
import { refuse } from '../fake-api.ts'

export const FAKE_PASSWORD = 'correct horse battery'

type VaultCalls =
  | 'app.info'
  | 'preferences.get'
  | 'preferences.set'
  | 'vault.status'
  | 'vault.create'
  | 'vault.unlock'
  | 'vault.lock'
  | 'vault.changePassword'
  | 'vault.restore'
  | 'vault.startOver'
  | 'keychain.remember'
  | 'keychain.forget'
  | 'settings.get'
  | 'settings.set'

/** The vault half of the fake: states, wrong passwords with a throttle, settings. */
export function vaultCalls(world: FakeWorld): FakeHandlers<VaultCalls> {
  const isRight = (password: Uint8Array) => new TextDecoder().decode(password) === FAKE_PASSWORD

  function enter(state: FakeWorld['status']['state']) {
    world.status = { ...world.status, state }
    world.emit('vault.state', { state })
    return world.status
  }

  function requireRight(password: Uint8Array): void {
    if (world.status.throttledForMs > 0 && world.wrongPasswords === 0) {
      world.wrongPasswords = 5
      throw refuse('throttled', { retryAfterMs: world.status.throttledForMs })
    }
    if (isRight(password)) return
    world.wrongPasswords += 1
    const throttledForMs = world.wrongPasswords < 3 ? 0 : 1000 * 2 ** (world.wrongPasswords - 3)
    world.status = { ...world.status, throttledForMs }
    throw refuse('wrong-password')
  }

  return {
    'app.info': () => world.info,
    'preferences.get': () => world.preferences,
    'preferences.set': (change) => (world.preferences = { ...world.preferences, ...change }),
    'vault.status': () => world.status,
    'vault.create': ({ password }) => {
      if (password.length < 12) throw refuse('password-too-short')
      return enter('unlocked')
    },
    'vault.unlock': ({ password }) => {
      requireRight(password)
      return enter('unlocked')
    },
    'vault.lock': () => enter('locked'),
    'vault.changePassword': ({ current, next }) => {
      if (!isRight(current)) throw refuse('wrong-password')
      if (next.length < 12) throw refuse('password-too-short')
      return world.status
    },
    'vault.restore': () => enter('locked'),
    'vault.startOver': () => ({ keptAs: 'vault-2026-11-23.json', status: enter('no-vault') }),
    'keychain.remember': () => (world.status = { ...world.status, keychain: 'on' }),
    'keychain.forget': () => (world.status = { ...world.status, keychain: 'off' }),
    'settings.get': () => world.settings,
    'settings.set': (change) => (world.settings = { ...world.settings, ...change }),
  }
}
