import { onTestFinished } from 'vitest'
import { startBus, startKeyring } from '../servers/gnome-keyring.ts'
import type { Keyring, SessionBus } from '../servers/gnome-keyring.ts'
import { tempFolder } from './temp-home.ts'

export type SecretService = SessionBus & Keyring

/** Starts a private session bus without any service; it ends with the test. */
export async function startSessionBus(): Promise<SessionBus> {
  const bus = await startBus(await tempFolder('fernsync-bus-'))
  onTestFinished(() => bus.stop())
  return bus
}

/** Starts gnome-keyring on a bus of its own, keyring "login" made and unlocked; it ends with the test. */
export async function startSecretService(): Promise<SecretService> {
  const bus = await startSessionBus()
  const keyring = await startKeyring(bus)
  onTestFinished(() => keyring.stop())
  return { ...bus, ...keyring }
}
