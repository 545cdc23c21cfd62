import type { Input } from '../../../main/contract/calls.ts'
import type { FakeHandlers, FakeWorld } from '../fake-api.ts'
import { refuse } from '../fake-api.ts'
import { fakeKeyFile, fakePassword, fakeRecovery } from './fake-slots.ts'

export const FAKE_PASSWORD = 'correct horse battery'
export const FAKE_RECOVERY_KEY = '7K2M-9QXA-4TEV-1RDH-6WPZ-0BNS-3GJY-8CFK-5MHT'
/** Groups that are asked back, counted from 1. */
const ASK: [number, number] = [3, 7]
const ENTRIES = 4_200

type RecoveryCalls =
  'vault.prepareRecoveryKey' | 'vault.copyRecoveryKey' | 'vault.addRecoveryKey' | 'vault.removeSlot'
type KeyFileCalls = 'vault.pickKeyFile' | 'vault.makeKeyFile' | 'vault.setKeyFile'
type RotationCalls = 'vault.rotateKey' | 'vault.cancelRotation'
type Parts = {
  readonly world: FakeWorld
  readonly requireRight: (proof: Proof) => void
  readonly setSlots: (slots: FakeWorld['status']['slots']) => FakeWorld['status']
}
type Proof = Input<'vault.setKeyFile'>['proof']
type PasswordProof = Input<'exports.plain'>['proof']
type WayInCalls =
  | 'vault.create'
  | 'vault.unlock'
  | 'vault.enter'
  | 'vault.changePassword'
  | RecoveryCalls
  | KeyFileCalls
  | RotationCalls

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const letters = (typed: string) => typed.replace(/[\s-]/g, '').toUpperCase()
const place = (shown: string, inSyncFolder: boolean) => ({
  token: '00112233445566778899aabbccddeeff',
  shown,
  inSyncFolder,
})

/** For what asks for the password of the open vault once more, and for a vault that does not open. */
export function requireProof({ status, options }: FakeWorld, { password, keyFile }: PasswordProof): void {
  const needsFile =
    options.scenario === 'damaged-key-file' || status.slots.some(({ type }) => type === 'password+keyfile')
  if (needsFile && (keyFile ?? null) === null) throw refuse('key-file-needed')
  if (text(password) !== FAKE_PASSWORD) throw refuse('wrong-password')
}

/** The ways into the fake's vault: wrong passwords with a throttle, recovery key, key file, a new key with progress. */
export function wayInCalls(world: FakeWorld): FakeHandlers<WayInCalls> {
  function refuseThrottled(): void {
    if (world.status.throttledForMs === 0 || world.wrongPasswords > 0) return
    world.wrongPasswords = 5
    throw refuse('throttled', { retryAfterMs: world.status.throttledForMs })
  }

  function requireRight(proof: Proof): void {
    if ('recoveryKey' in proof && letters(text(proof.recoveryKey)).length !== 36)
      throw refuse('recovery-key-invalid')
    const isRight =
      'recoveryKey' in proof
        ? letters(text(proof.recoveryKey)) === letters(FAKE_RECOVERY_KEY)
        : text(proof.password) === FAKE_PASSWORD
    if (isRight) return
    world.wrongPasswords += 1
    const throttledForMs = world.wrongPasswords < 3 ? 0 : 1000 * 2 ** (world.wrongPasswords - 3)
    world.status = { ...world.status, throttledForMs }
    throw refuse('wrong-password')
  }

  function setSlots(slots: FakeWorld['status']['slots']) {
    return (world.status = { ...world.status, slots })
  }

  function setState(state: 'unlocked', isTold: boolean) {
    world.status = { ...world.status, state }
    if (isTold) world.emit('vault.state', { state })
    return world.status
  }

  const parts = { world, requireRight, setSlots }
  return {
    'vault.create': ({ password }) => {
      if (password.length < 12) throw refuse('password-too-short')
      setSlots([fakePassword])
      return setState('unlocked', false)
    },
    'vault.unlock': ({ allowSlowKdf: _, ...proof }) => {
      refuseThrottled()
      requireRight(proof)
      // The one page of the fake plays both windows: by a recovery key it stays until `vault.enter`.
      return setState('unlocked', !('recoveryKey' in proof))
    },
    'vault.enter': () => {
      setState('unlocked', true)
      return {}
    },
    'vault.changePassword': ({ proof, next }) => {
      requireRight(proof)
      if (next.length < 12) throw refuse('password-too-short')
      // After a recovery key the password alone opens.
      const rest = world.status.slots.filter(({ type }) => type === 'recovery')
      return 'recoveryKey' in proof ? setSlots([fakePassword, ...rest]) : world.status
    },
    ...recoveryCalls(parts),
    ...keyFileCalls(parts),
    ...rotationCalls(parts),
  }
}

function recoveryCalls({ world, requireRight, setSlots }: Parts): FakeHandlers<RecoveryCalls> {
  return {
    'vault.prepareRecoveryKey': () => ({ key: new TextEncoder().encode(FAKE_RECOVERY_KEY), ask: ASK }),
    'vault.copyRecoveryKey': () => ({ clearsAfterMs: 20_000 }),
    'vault.addRecoveryKey': ({ proof, typed }) => {
      const groups = FAKE_RECOVERY_KEY.split('-')
      const isSame = ASK.every((number, at) => letters(text(typed[at] ?? typed[0])) === groups[number - 1])
      if (!isSame) throw refuse('recovery-key-mistyped')
      requireRight(proof)
      return setSlots([...world.status.slots.filter(({ type }) => type !== 'recovery'), fakeRecovery])
    },
    'vault.removeSlot': ({ id, proof }) => {
      requireRight(proof)
      return setSlots(world.status.slots.filter((slot) => slot.id !== id))
    },
  }
}

function keyFileCalls({ world, requireRight, setSlots }: Parts): FakeHandlers<KeyFileCalls> {
  return {
    'vault.pickKeyFile': () => place('/media/mira/STICK/fernsync.keyfile', false),
    'vault.makeKeyFile': () => place('/home/mira/Dropbox/fernsync.keyfile', true),
    'vault.setKeyFile': ({ proof, keyFile }) => {
      requireRight(proof)
      const rest = world.status.slots.filter(({ type }) => type === 'recovery')
      return setSlots([keyFile === null ? fakePassword : fakeKeyFile, ...rest])
    },
  }
}

function rotationCalls({ world, requireRight, setSlots }: Parts): FakeHandlers<RotationCalls> {
  let isCancelled = false

  async function rotate(): Promise<void> {
    isCancelled = false
    const steps = 20
    for (let step = 1; step <= steps; step += 1) {
      if (world.options.latencyMs > 0) await new Promise((done) => setTimeout(done, world.options.latencyMs))
      if (isCancelled) throw refuse('cancelled')
      world.emit('vault.rotation', { done: Math.round((ENTRIES * step) / steps), total: ENTRIES })
    }
  }

  return {
    'vault.rotateKey': async ({ proofs, dropSlots }) => {
      for (const proof of proofs) requireRight(proof)
      await rotate()
      return setSlots(world.status.slots.filter(({ id }) => !dropSlots.includes(id)))
    },
    'vault.cancelRotation': () => {
      isCancelled = true
      return {}
    },
  }
}
