import type { Api } from '../../main/contract/api.ts'
import type { AppInfo, CallName, Input, Output } from '../../main/contract/calls.ts'
import type { EventName, EventValue } from '../../main/contract/events.ts'
import type { ErrorDetails } from '../../main/model/app-error.ts'
import type { ErrorCode } from '../../main/model/error-codes.ts'
import type { Preferences } from '../../main/contract/calls.ts'
import type { VaultSettings, VaultStatus } from '../../main/model/vault.ts'
import { ApiError, toApiError, wireErrorOf } from './api-error.ts'
import { connectionCalls } from './fake/fake-connections.ts'
import { credentialCalls } from './fake/fake-credentials.ts'
import { revisionCalls } from './fake/fake-revisions.ts'
import { ago, fakeCredentials, fakeJobs, fakeRuns, fakeSkips } from './fake/fake-data.ts'
import { folderCalls } from './fake/fake-folders.ts'
import { jobCalls, timeCalls } from './fake/fake-jobs.ts'
import { fakeSlots } from './fake/fake-slots.ts'
import { transferCalls } from './fake/fake-transfer.ts'
import { securityCalls } from './fake/fake-security.ts'
import { vaultCalls } from './fake/fake-vault.ts'
import { wayInCalls } from './fake/fake-ways-in.ts'

/**
 * What the fake starts as. `tampered`: its record of activity has a gap. `error`: every call of the unlocked app fails; `running`: a job
 * is in the middle of a run. `…-key-file`: the password needs a key file; the keychain ones are locked with a keychain that gives nothing.
 */
export const fakeScenarios = [
  'filled',
  'filled-key-file',
  'empty',
  'error',
  'tampered',
  'running',
  'locked',
  'no-vault',
  'key-file',
  'throttled',
  'keychain-locked',
  'keychain-unavailable',
  'damaged',
  'damaged-key-file',
  'missing',
  'newer',
] as const
export type FakeScenario = (typeof fakeScenarios)[number]

export type FakeOptions = {
  readonly scenario: FakeScenario
  /** Delay of every answer; a run takes about 60 times as long. 0 = at once. */
  readonly latencyMs: number
}

/** What all parts of the fake share. */
export type FakeWorld = {
  readonly options: FakeOptions
  status: VaultStatus
  preferences: Preferences
  settings: VaultSettings
  credentials: ReturnType<typeof fakeCredentials>
  jobs: ReturnType<typeof fakeJobs>
  runs: ReturnType<typeof fakeRuns>
  skips: ReturnType<typeof fakeSkips>
  info: AppInfo
  wrongPasswords: number
  emit<N extends EventName>(name: N, value: EventValue<N>): void
}

export type FakeHandlers<N extends CallName> = {
  readonly [K in N]: (input: Input<K>) => Output<K> | Promise<Output<K>>
}

/** A refusal with the product's own sentence. */
export function refuse(code: ErrorCode, details: ErrorDetails = {}): ApiError {
  return new ApiError(wireErrorOf(code, details))
}

const unlockedScenarios: readonly FakeScenario[] = [
  'filled',
  'filled-key-file',
  'empty',
  'error',
  'running',
  'tampered',
]
const keychains: Partial<Record<FakeScenario, VaultStatus['keychain']>> = {
  'keychain-locked': 'locked',
  'keychain-unavailable': 'unavailable',
}

function initialStatus(scenario: FakeScenario): VaultStatus {
  const stateOf: Partial<Record<FakeScenario, VaultStatus['state']>> = {
    'no-vault': 'no-vault',
    damaged: 'damaged',
    'damaged-key-file': 'damaged',
    missing: 'missing',
    newer: 'newer',
  }
  const state = unlockedScenarios.includes(scenario) ? 'unlocked' : (stateOf[scenario] ?? 'locked')
  const isNew = state === 'no-vault'
  return {
    home: '/home/mira/.config/Fernsync',
    state,
    vault: isNew ? null : 'f0000000-0000-4000-8000-000000000001',
    format: isNew ? null : 'fernsync/1',
    slots: fakeSlots(scenario),
    records: isNew ? 0 : 11,
    generations: isNew
      ? []
      : [
          { n: 1, changed: ago(2 * 3_600_000), ok: true },
          { n: 2, changed: ago(26 * 3_600_000), ok: true },
          { n: 3, changed: ago(9 * 86_400_000), ok: false },
        ],
    keychain: keychains[scenario] ?? 'off',
    throttledForMs: scenario === 'throttled' ? 16_000 : 0,
  }
}

function createWorld(options: FakeOptions, emit: FakeWorld['emit']): FakeWorld {
  const isEmpty = options.scenario === 'empty' || options.scenario === 'no-vault'
  return {
    options,
    status: initialStatus(options.scenario),
    preferences: { theme: 'system', startAtLogin: false },
    settings: {
      lockAfterIdleMs: 300_000,
      lockAfterSessionMs: 43_200_000,
      lockAfterClosedMs: 300_000,
      lockOnScreenLock: true,
      lockOnSuspend: true,
      clearClipboardMs: 20_000,
      hideRevealedMs: 30_000,
    },
    credentials: isEmpty ? [] : fakeCredentials(),
    jobs: isEmpty ? [] : fakeJobs(),
    runs: isEmpty ? [] : fakeRuns(),
    skips: isEmpty ? [] : fakeSkips(),
    info: {
      version: '0.1.0',
      home: '/home/mira/.config/Fernsync',
      platform: 'linux',
      hasTray: true,
      pausedUntil: null,
      paused: false,
      running: [],
      warnings: [],
    },
    wrongPasswords: 0,
    emit,
  }
}

/** Calls that answer in the `error` scenario too, because without them there is no page to show an error on. */
const alwaysAnswered: readonly CallName[] = [
  'vault.status',
  'preferences.get',
  'preferences.set',
  'vault.lock',
  'vault.unlock',
]

/**
 * An in-memory main side with believable data: the page runs on it alone in a browser and in tests. The password of its
 * vault is `correct horse battery`. Nothing of it is part of the app.
 */
export function createFakeApi(options: FakeOptions): Api {
  const listeners = new Map<EventName, Set<(value: never) => void>>()
  const world = createWorld(options, (name, value) => {
    // The one cast: `on` below puts a listener only into the set of its own event.
    for (const listener of listeners.get(name) ?? []) listener(value as never)
  })
  const handlers: FakeHandlers<CallName> = {
    ...vaultCalls(world),
    ...wayInCalls(world),
    ...securityCalls(world),
    ...credentialCalls(world),
    ...revisionCalls(world),
    ...connectionCalls(world),
    ...folderCalls(),
    ...transferCalls(world),
    ...jobCalls(world),
    ...timeCalls(world),
  }

  const answer = async (name: CallName, input: unknown) => {
    if (options.latencyMs > 0) await new Promise((done) => setTimeout(done, options.latencyMs))
    try {
      if (options.scenario === 'error' && !alwaysAnswered.includes(name)) throw refuse('busy')
      // The one cast: a name and its input belong together, which TypeScript cannot see here.
      const handle = handlers[name] as (input: unknown) => unknown
      return { ok: true, value: structuredClone(await handle(structuredClone(input))) }
    } catch (error) {
      const { code, message, help, details } = toApiError(error)
      return { ok: false, error: { code, message, help, details } }
    }
  }

  const call = Object.fromEntries(
    Object.keys(handlers).map((name) => [name, (input: unknown) => answer(name as CallName, input)]),
  )
  return {
    // The object has one function per name of `handlers`, which the compiler checked to be complete.
    call: call as unknown as Api['call'],
    on(name, listener) {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set.add(listener))
      return () => void set.delete(listener)
    },
  }
}
