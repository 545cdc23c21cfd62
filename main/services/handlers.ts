import type { Handlers, Output, PickedPath } from '../contract/calls.ts'
import { wipe } from '../core/crypto/bytes.ts'
import { tryParseSchedule, isKnownZone } from '../core/jobs/parse-schedule.ts'
import { upcomingRuns } from '../core/jobs/next-run.ts'
import type { Changed } from '../core/vault/vault-api.ts'
import { AppError } from '../model/app-error.ts'
import type { SecretValues } from '../model/credential.ts'
import type { AppServices } from './app-services.ts'
import { credentialTypes } from './credential-types.ts'
import { lookUpKnownHost } from './known-hosts.ts'
import { createPathTokens } from './path-tokens.ts'
import type { PathTokens } from './path-tokens.ts'
import type { PreferenceStore } from './preferences.ts'
import type { DesktopPorts, ServicePorts } from './service-ports.ts'
import { parseTargetLine } from './target-line.ts'
import type { Threshold } from './threshold.ts'
import { wayInHandlers } from './way-in-handlers.ts'
import { transferHandlers } from './transfer-handlers.ts'

const keyFileLimit = 65_536
const sshFileLimit = 1_048_576

export type HandlerParts = {
  readonly ports: ServicePorts
  readonly desktop: DesktopPorts
  readonly services: AppServices
  readonly preferences: PreferenceStore
  readonly warnings: readonly string[]
  readonly hasTray: () => boolean
  readonly threshold: Threshold
}

/** Implements the contract for the page. Each group is one feature; nothing here decides anything of its own. */
export function createHandlers(parts: HandlerParts): Handlers {
  const tokens = createPathTokens(parts.ports.random)
  return {
    ...appHandlers(parts),
    ...vaultHandlers(parts),
    ...wayInHandlers({ ...parts, vault: parts.services.vault }, tokens),
    ...credentialHandlers(parts, tokens),
    ...secretHandlers(parts, tokens),
    ...placeHandlers(parts, tokens),
    ...jobHandlers(parts, tokens),
    ...transferHandlers(parts, tokens),
  }
}

type Group<Prefix extends string> = Pick<Handlers, Extract<keyof Handlers, `${Prefix}.${string}`>>

function appHandlers({ ports, desktop, services, preferences, warnings, hasTray }: HandlerParts) {
  return {
    'app.info': async () => {
      const pause = services.scheduler?.paused() ?? { paused: false, until: null }
      return Promise.resolve({
        version: ports.version,
        home: ports.home,
        platform: ports.platform,
        hasTray: hasTray(),
        paused: pause.paused,
        pausedUntil: pause.until === null ? null : new Date(pause.until).toISOString(),
        running: [...services.coordinator.running()],
        warnings: [...warnings],
      })
    },
    'preferences.get': async () => ({ ...(await preferences.get()), startAtLogin: desktop.loginItem.isOn() }),
    'preferences.set': async (patch) => {
      if (patch.startAtLogin !== undefined) desktop.loginItem.set(patch.startAtLogin)
      return preferences.set({ ...patch, startAtLogin: desktop.loginItem.isOn() })
    },
  } satisfies Group<'app' | 'preferences'>
}

function vaultHandlers({ services: { vault } }: HandlerParts) {
  return {
    'vault.status': () => vault.status(),
    'vault.lock': (input) => vault.lock(input),
    'vault.restore': ({ generation }) => vault.restore(generation),
    'vault.activity': (query) => vault.activity(query),
    'vault.startOver': () => vault.startOver(),
    'keychain.forget': () => vault.forgetKey(),
    'keychain.expiry': () => {
      const until = vault.keyExpiry()
      return Promise.resolve({ until: until === null ? null : new Date(until).toISOString() })
    },
    'settings.get': () => vault.settings(),
    'settings.set': (patch) => vault.changeSettings(patch),
  } satisfies Partial<Group<'vault'>> & Partial<Group<'keychain'>> & Group<'settings'>
}

type SecretInput = {
  secrets: SecretValues
  secretFiles: Record<string, string>
  generated: Record<string, string>
}
type WithSecrets = <T>(input: SecretInput, use: (secrets: SecretValues) => Promise<T>) => Promise<T>

/**
 * Adds key files chosen in the dialog and secrets made here to those that were typed, for as long as `use` runs; what was added
 * is wiped here in every case, what was typed by the binder.
 */
function secretReader({ ports, services }: HandlerParts, tokens: PathTokens): WithSecrets {
  return async (input, use) => {
    const read: SecretValues = {}
    try {
      for (const [field, token] of Object.entries(input.secretFiles)) {
        const bytes = await ports.userFiles.read(tokens.redeem(token, 'key-file'), keyFileLimit)
        if (bytes === null)
          throw new AppError('bad-request', 'key file does not exist', { details: { field } })
        read[field] = bytes
      }
      for (const [field, token] of Object.entries(input.generated))
        read[field] = services.generator.redeem(token)
      return await use({ ...input.secrets, ...read })
    } finally {
      wipe(...Object.values(read))
    }
  }
}

/** The page names no path: a key file comes as a token of main's dialog, never as a field. It may take one away (null). */
function refusePaths(fields: Readonly<Record<string, string | null>> | undefined): void {
  if (typeof fields?.['keyFile'] === 'string') throw new AppError('forbidden', 'key file path from the page')
}

function credentialHandlers({ ports, services: { credentials } }: HandlerParts, tokens: PathTokens) {
  return {
    'credentials.types': () => Promise.resolve(credentialTypes()),
    'credentials.list': async () => [...(await credentials.list())],
    'credentials.parseTarget': ({ line }) => readTarget(ports, tokens, line),
    'credentials.fetchHostKey': async ({ draft }) => {
      refusePaths(draft.fields)
      return { hostKey: await credentials.tasks.fetchHostKey(draft) }
    },
    'credentials.test': async ({ id }) => credentials.tasks.test(await credentials.find(id)),
    'credentials.remove': ({ id }) => credentials.remove(id),
    'credentials.revisions': async ({ id }) => [...(await credentials.revisions(id))],
    'credentials.restore': ({ id, rev }) => credentials.restore(id, rev),
    'credentials.purgeRevisions': async ({ id }) => ({ purged: await credentials.purgeRevisions(id) }),
  } satisfies Partial<Group<'credentials'>>
}

/** What a line says, completed by what OpenSSH knows of the host on this device. Suggestions only; nothing is stored. */
async function readTarget(
  ports: ServicePorts,
  tokens: PathTokens,
  line: string,
): Promise<Output<'credentials.parseTarget'>> {
  const read = async (name: string): Promise<string | null> => {
    const path = `${ports.userFiles.homeDirectory()}/.ssh/${name}`
    const bytes = await ports.userFiles.read(path, sshFileLimit).catch(() => null)
    return bytes === null ? null : new TextDecoder().decode(bytes)
  }
  const target = parseTargetLine(line, await read('config'))
  if (target === null) return null
  const { host, port, user, path, identityFile } = target
  const fields = { host, port: port ?? '22', ...(user === null ? {} : { user }) }
  const knownHosts = await read('known_hosts')
  const keyPath = identityFile === null ? null : ports.userFiles.absolute(identityFile)
  return {
    type: 'sftp',
    name: host,
    fields,
    path,
    knownHostKey: knownHosts === null ? null : lookUpKnownHost(knownHosts, host, Number(fields.port)),
    identityFile:
      keyPath === null
        ? null
        : { token: tokens.give(keyPath, 'key-file'), shown: keyPath, names: [], count: 0 },
  }
}

function secretHandlers(parts: HandlerParts, tokens: PathTokens) {
  const { credentials, generator, vault } = parts.services
  const withSecrets = secretReader(parts, tokens)
  const copy = createCopier(parts)
  // A form is tested before it is stored and stored again when a name was taken: its tokens end with the success.
  const stored = (input: SecretInput, done: Changed): Changed => {
    tokens.useUp(Object.values(input.secretFiles))
    const made = Object.values(input.generated)
    if (made.length > 0) generator.useUp(made)
    return done
  }
  return {
    'credentials.add': async (input) => {
      refusePaths(input.draft.fields)
      return stored(input, await withSecrets(input, (secrets) => credentials.add(input.draft, secrets)))
    },
    'credentials.edit': async (input) => {
      refusePaths(input.patch.fields)
      return stored(
        input,
        await withSecrets(input, (secrets) => credentials.edit(input.id, input.patch, secrets)),
      )
    },
    'credentials.testDraft': async (input) => {
      refusePaths(input.draft.fields)
      return withSecrets(input, (secrets) => credentials.tasks.testDraft(input.draft, secrets, input.basedOn))
    },
    'credentials.reveal': async ({ id, field, rev }) => {
      const { hideRevealedMs } = await vault.settings()
      return { value: await credentials.reveal(id, field, { rev }), hideAfterMs: hideRevealedMs }
    },
    'credentials.copy': ({ id, field, rev }) =>
      copy(() => credentials.reveal(id, field, { use: 'clipboard', rev })),
    'generate.password': (rules) => {
      const { password, bits } = generator.password(rules)
      return Promise.resolve({ token: generator.keep(password), bits })
    },
    'generate.sshKey': ({ comment }) => {
      const { privateKey, publicLine, fingerprint } = generator.sshKey(comment)
      return Promise.resolve({ token: generator.keep(privateKey), publicLine, fingerprint })
    },
    'generate.copy': ({ token }) => copy(() => Promise.resolve(generator.redeem(token))),
    'vault.copyRecoveryKey': ({ key }) => copy(() => Promise.resolve(key)),
  } satisfies Partial<Group<'credentials' | 'generate' | 'vault'>>
}

/** Puts one secret at a time on the clipboard, which wipes it, and clears it after the time that the vault's settings name. */
function createCopier({ ports, desktop, services }: HandlerParts) {
  let cancelClear = (): void => {}
  return async (read: () => Promise<Uint8Array>): Promise<Output<'credentials.copy'>> => {
    const { clearClipboardMs } = await services.vault.settings()
    await desktop.clipboard.copySecret(await read())
    // The time of an earlier copy would cut this one short.
    cancelClear()
    cancelClear = ports.clock.setTimer(clearClipboardMs, () => void desktop.clipboard.clearIfOurs())
    return { clearsAfterMs: clearClipboardMs }
  }
}

function placeHandlers({ ports, desktop, services: { credentials } }: HandlerParts, tokens: PathTokens) {
  const picked = async (path: string | null): Promise<PickedPath | null> => {
    if (path === null) return null
    const facts = await ports.userFiles.inspectFolder(path).catch(() => null)
    return {
      token: tokens.give(path, 'folder'),
      shown: path,
      names: [...(facts?.names ?? [])],
      count: facts?.count ?? 0,
    }
  }
  return {
    'remote.list': async ({ credentialId, path }) =>
      credentials.tasks.list(await credentials.find(credentialId), path),
    'remote.makeFolder': async ({ credentialId, path }) => {
      await credentials.tasks.makeFolder(await credentials.find(credentialId), path)
      return {}
    },
    'dialogs.pickFolder': async ({ title }) =>
      picked(await desktop.folderPicker.pickFolder({ title, startAt: null })),
    'dialogs.pickKeyFile': async ({ title }) => {
      const path = await desktop.folderPicker.pickFile({
        title,
        startAt: `${ports.userFiles.homeDirectory()}/.ssh`,
      })
      return path === null ? null : { token: tokens.give(path, 'key-file'), shown: path, names: [], count: 0 }
    },
  } satisfies Group<'remote'> & Pick<Handlers, 'dialogs.pickFolder' | 'dialogs.pickKeyFile'>
}

function jobHandlers({ ports, services }: HandlerParts, tokens: PathTokens) {
  const { jobs, scheduler } = services
  return {
    'jobs.list': async () => [...(await jobs.list())],
    'jobs.add': async ({ draft, localToken }) => {
      const local = tokens.redeem(localToken, 'folder')
      const done = await jobs.add({ ...draft, local, safety: null })
      tokens.useUp([localToken])
      return done
    },
    'jobs.edit': async ({ id, patch, localToken }) => {
      if (localToken === null) return jobs.edit(id, patch)
      const done = await jobs.edit(id, { ...patch, local: tokens.redeem(localToken, 'folder') })
      tokens.useUp([localToken])
      return done
    },
    'jobs.remove': ({ id }) => jobs.remove(id),
    'jobs.preview': ({ id }) => jobs.preview(id),
    'jobs.run': async ({ id, approve }) => {
      const { run } = await jobs.run(id, { approve, trigger: 'manual' })
      return { run }
    },
    'jobs.cancel': ({ id }) => {
      jobs.cancel(id)
      return Promise.resolve({})
    },
    'jobs.pause': ({ forMs }) => {
      scheduler?.pause(forMs === null ? null : ports.clock.now() + forMs)
      ports.emit('jobs.changed', {})
      return Promise.resolve({})
    },
    'jobs.resume': () => {
      scheduler?.resume()
      ports.emit('jobs.changed', {})
      return Promise.resolve({})
    },
    'jobs.describeSchedule': ({ schedule, zone }) => {
      const parsed = isKnownZone(zone) ? tryParseSchedule(schedule) : null
      const next = parsed === null ? [] : upcomingRuns(parsed, ports.clock.now(), zone, 3)
      return Promise.resolve({ ok: parsed !== null, next: next.map((at) => new Date(at).toISOString()) })
    },
    'history.list': ({ jobId, limit }) =>
      Promise.resolve({
        runs: [...ports.store.runs(jobId, limit)],
        skips: [...ports.store.skips(jobId, limit)],
      }),
  } satisfies Group<'jobs' | 'history'>
}
