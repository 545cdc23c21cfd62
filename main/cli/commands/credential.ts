import type { Command } from 'commander'
import { createNodeUserFiles } from '../../adapters/node-user-files.ts'
import { AppError } from '../../model/app-error.ts'
import { exitCodeOf, isErrorCode } from '../../model/error-codes.ts'
import { CredentialDraft, CredentialPatch, CredentialType } from '../../model/credential.ts'
import type { Credential, SecretValues } from '../../model/credential.ts'
import { toWireError } from '../../services/error-text.ts'
import type { TestOutcome } from '../../services/worker-tasks.ts'
import type { CommandContext, OpenHome } from '../context.ts'
import { parseInput } from '../parse-input.ts'
import { readSecretFile, trimLineEnd } from '../password-source.ts'
import { credentialShape } from '../shapes.ts'
import { readSecretsFromStdin } from '../stdin-secrets.ts'
import { escapeForTerminal, formatTable, shellWord } from '../terminal-text.ts'
import { fingerprint, keyValue, repeated } from '../values.ts'
import { withDetails } from '../with-details.ts'
import { addCredentialExportCommand } from './vault-export.ts'

const longestSecret = 65_536

type SecretOptions = { secretFile: Record<string, string>; stdin?: boolean }
type AddOptions = SecretOptions & {
  type: string
  field: Record<string, string>
  tag: string[]
  trustHostKey?: string
  trustOnFirstUse?: boolean
}
type EditOptions = SecretOptions & {
  name?: string
  field: Record<string, string>
  trustHostKey?: string
  removeSecret: string[]
}

type TrustOptions = SecretOptions & { hostKey?: string }

export function addCredentialCommands(program: Command, context: () => CommandContext): void {
  const credential = program.command('credential').description('sign-ins of servers')
  credential
    .command('add <name>')
    .description('store a sign-in')
    .requiredOption('--type <type>', 'kind of server, see `remote kinds`')
    .option('--field <k=v>', 'a field, repeatable', keyValue, {})
    .option('--secret-file <k=file>', 'a secret field from a file, repeatable', keyValue, {})
    .option('--stdin', 'secret fields as one JSON object on stdin')
    .option('--tag <tag>', 'repeatable', repeated, [])
    .option('--trust-host-key <fingerprint>', 'pin this server identity (SHA256:...)', fingerprint)
    .option('--trust-on-first-use', 'connect once and pin what the server shows')
    .action((name: string, options: AddOptions) => add(context(), name, options))
  credential
    .command('list')
    .description('all stored sign-ins')
    .action(() => list(context()))
  credential
    .command('show <name>')
    .description('one sign-in')
    .option('--reveal', 'with its secrets')
    .action((name: string, options: { reveal?: boolean }) => show(context(), name, options))
  credential
    .command('edit <name>')
    .description('change a sign-in; a new host or port drops secrets that are not given again')
    .option('--name <name>', 'new name')
    .option('--field <k=v>', 'a field, empty value removes it, repeatable', keyValue, {})
    .option('--secret-file <k=file>', 'a secret field from a file, repeatable', keyValue, {})
    .option('--stdin', 'secret fields as one JSON object on stdin')
    .option('--remove-secret <k>', 'repeatable', repeated, [])
    .option('--trust-host-key <fingerprint>', 'pin this server identity (SHA256:...)', fingerprint)
    .action((name: string, options: EditOptions) => edit(context(), name, options))
  credential
    .command('remove <name>')
    .description('forget a sign-in')
    .action((name: string) => remove(context(), name))
  addCredentialExportCommand(credential, context)
  credential
    .command('test <name>')
    .description('sign in once and look around')
    .action((name: string) => test(context(), name))
  credential
    .command('trust <name>')
    .description('pin the identity of the server')
    .option('--host-key <fingerprint>', 'only if it is this one (SHA256:...)', fingerprint)
    .option('--secret-file <k=file>', 'a secret field from a file, repeatable', keyValue, {})
    .option('--stdin', 'secret fields as one JSON object on stdin')
    .action((name: string, options: TrustOptions) => trust(context(), name, options))
}

/** Before anything reads it: whoever came second would find it empty. */
function refuseSharedStdin(context: CommandContext, options: SecretOptions): void {
  const fromStdin = Object.values(options.secretFile).filter((file) => file === '-').length
  const { passwordFile } = context.options.passwords
  if (fromStdin + (options.stdin === true ? 1 : 0) + (passwordFile === '-' ? 1 : 0) > 1) {
    throw new AppError('usage', 'stdin named twice', { details: { why: 'stdin can be read only once' } })
  }
}

function readSecrets(options: SecretOptions): SecretValues {
  const secrets: SecretValues = options.stdin === true ? readSecretsFromStdin(longestSecret) : {}
  for (const [field, file] of Object.entries(options.secretFile)) {
    const bytes = readSecretFile(file, longestSecret)
    // A key file ends in a line end that belongs to it; a password file's is only the editor's.
    secrets[field] = field === 'privateKey' ? bytes : trimLineEnd(bytes)
  }
  return secrets
}

/** A key file is named from where the person is now; the worker that opens it may be anywhere. */
function withAbsoluteKeyFile(fields: Readonly<Record<string, string>>): Record<string, string> {
  const { keyFile } = fields
  if (keyFile === undefined || keyFile === '') return fields
  const files = createNodeUserFiles({ agentSocket: null, cwd: process.cwd() })
  return { ...fields, keyFile: files.absolute(keyFile) }
}

async function add(context: CommandContext, name: string, options: AddOptions): Promise<void> {
  refuseSharedStdin(context, options)
  const type = CredentialType.safeParse(options.type)
  if (!type.success) throw new AppError('unsupported', 'unknown type', { details: { type: options.type } })
  const draft = parseInput(CredentialDraft, {
    name,
    type: type.data,
    fields: withAbsoluteKeyFile(options.field),
    hostKey: options.trustHostKey ?? null,
    tags: options.tag,
  })
  const { services } = await context.unlocked()
  const { credentials } = services
  const hostKey =
    options.trustOnFirstUse === true ? await fetchOrWarn(context, services, draft) : draft.hostKey
  const added = await credentials.add({ ...draft, hostKey }, readSecrets(options))
  context.output.answer({ ok: true, ...added }, `Added ${escapeForTerminal(added.name)}.\n`)
}

/** An unreachable server does not stop the credential from being stored; it stays unpinned, and that is said. */
async function fetchOrWarn(
  context: CommandContext,
  services: OpenHome['services'],
  draft: CredentialDraft,
): Promise<string | null> {
  try {
    const hostKey = await services.credentials.tasks.fetchHostKey(draft)
    context.output.note(`Trusted on first use: ${hostKey}`)
    return hostKey
  } catch (error) {
    if (!(error instanceof AppError) || exitCodeOf(error.code) !== 8) throw error
    context.output.note('The server cannot be reached now: its identity is not pinned yet.')
    return null
  }
}

async function list(context: CommandContext): Promise<void> {
  const { services } = await context.unlocked()
  const all = await services.credentials.list()
  const rows = all.map((one) => [
    escapeForTerminal(one.name),
    one.type,
    escapeForTerminal(`${one.fields['user'] ?? ''}@${one.fields['host'] ?? ''}:${one.fields['port'] ?? ''}`),
    one.blocked === null ? (one.hostKey === null ? 'identity not confirmed' : 'ok') : 'needs sign-in',
  ])
  context.output.answer({ credentials: all.map(credentialShape) }, formatTable(rows))
}

async function show(context: CommandContext, name: string, options: { reveal?: boolean }): Promise<void> {
  const { services } = await context.unlocked()
  const found = await services.credentials.find(name)
  const shape = credentialShape(found)
  const revealed: Record<string, string> = {}
  if (options.reveal === true) {
    for (const field of found.secrets) {
      const bytes = await services.credentials.reveal(found.id, field)
      revealed[field] = new TextDecoder().decode(bytes)
      bytes.fill(0)
    }
  }
  context.output.answer(
    { credential: options.reveal === true ? { ...shape, revealed } : shape },
    credentialText(found, revealed),
  )
}

function credentialText(one: Credential, revealed: Readonly<Record<string, string>>): string {
  return formatTable([
    ['Name', escapeForTerminal(one.name)],
    ['Type', one.type],
    ...Object.entries(one.fields).map(([field, value]) => [field, escapeForTerminal(value)]),
    ...one.secrets.map((field) => [field, revealed[field] ?? '(stored)']),
    ['Server identity', escapeForTerminal(one.hostKey ?? 'not confirmed')],
    ['Used by', one.usedBy.map((job) => escapeForTerminal(job.name)).join(', ') || '-'],
    ['Changed', one.changed],
    ['Blocked', one.blocked === null ? '-' : `sign-in refused since ${one.blocked.since}`],
  ])
}

async function edit(context: CommandContext, name: string, options: EditOptions): Promise<void> {
  refuseSharedStdin(context, options)
  const fields = Object.fromEntries(
    Object.entries(withAbsoluteKeyFile(options.field)).map(([field, value]) => [
      field,
      value === '' ? null : value,
    ]),
  )
  const patch = parseInput(CredentialPatch, {
    ...(options.name === undefined ? {} : { name: options.name }),
    fields,
    ...(options.trustHostKey === undefined ? {} : { hostKey: options.trustHostKey }),
    removeSecrets: options.removeSecret,
  })
  const { services } = await context.unlocked()
  const found = await services.credentials.find(name)
  const changed = await services.credentials.edit(found.id, patch, readSecrets(options))
  await tellDropped(context, found, { services, asked: options.removeSecret })
  context.output.answer({ ok: true, ...changed }, `Changed ${escapeForTerminal(changed.name)}.\n`)
}

async function remove(context: CommandContext, name: string): Promise<void> {
  const { services } = await context.unlocked()
  const found = await services.credentials.find(name)
  const removed = await services.credentials.remove(found.id)
  context.output.answer({ ok: true, ...removed }, `Removed ${escapeForTerminal(removed.name)}.\n`)
}

async function test(context: CommandContext, name: string): Promise<void> {
  const { services } = await context.unlocked()
  const found = await services.credentials.find(name)
  const outcome = await services.credentials.tasks.test(found)
  const code = outcome.steps.find((step) => !step.ok)?.code
  if (code !== undefined) {
    const known = isErrorCode(code) ? code : 'internal'
    context.setExitCode(exitCodeOf(known))
    const fingerprint = exitCodeOf(known) === 5 ? outcome.hostKey : null
    const details = { credential: found.name, fingerprint }
    context.output.problem(toWireError(new AppError(known, 'test', { details })))
  }
  context.output.answer(outcome, testText(outcome))
}

function testText(outcome: TestOutcome): string {
  return formatTable(
    outcome.steps.map((step) => [step.ok ? 'ok' : 'FAILED', step.step, step.message ?? step.code ?? '']),
  )
}

async function trust(context: CommandContext, name: string, options: TrustOptions): Promise<void> {
  refuseSharedStdin(context, options)
  const { services } = await context.unlocked()
  const found = await services.credentials.find(name)
  const shown = await withDetails({ credential: found.name }, () =>
    services.credentials.tasks.fetchHostKey({
      name: found.name,
      type: found.type,
      fields: found.fields,
      hostKey: null,
      tags: [],
    }),
  )
  const details = { credential: found.name, fingerprint: shown }
  if (options.hostKey !== undefined && !sameFingerprint(options.hostKey, shown)) {
    throw new AppError('untrusted-server', 'server shows another key', { details })
  }
  if (options.hostKey === undefined && !(await confirmed(context, shown))) {
    throw new AppError('unpinned-server', 'not confirmed', { details })
  }
  const secrets = readSecrets(options)
  const changed = await services.credentials.edit(found.id, { hostKey: shown }, secrets)
  await tellDropped(context, found, { services, asked: [] })
  context.output.answer({ ok: true, ...changed, hostKey: shown }, `Trusted ${shown}.\n`)
}

/** Another server must not get the secrets of the old one; whoever changed the server wants to know that they are gone. */
async function tellDropped(
  context: CommandContext,
  before: Credential,
  { services, asked }: { services: OpenHome['services']; asked: readonly string[] },
): Promise<void> {
  const after = await services.credentials.find(before.id)
  const dropped = before.secrets.filter((field) => !after.secrets.includes(field) && !asked.includes(field))
  if (dropped.length > 0) {
    context.output.note(
      `Dropped with the old server: ${dropped.join(', ')}. Give it again: fernsync credential edit ${shellWord(after.name)} --secret-file ${dropped[0] ?? 'password'}=FILE`,
    )
  }
  if (before.hostKey !== null && after.hostKey === null) {
    context.output.note(`The server is not trusted yet: fernsync credential trust ${shellWord(after.name)}`)
  }
}

/** The bare `SHA256:...` of a pin that may carry the key's type before it. */
function fingerprintOf(pin: string): string {
  return pin.split(' ').at(-1) ?? pin
}

function sameFingerprint(given: string, shown: string): boolean {
  return fingerprintOf(given) === fingerprintOf(shown)
}

async function confirmed(context: CommandContext, fingerprint: string): Promise<boolean> {
  const terminal = context.terminal()
  if (terminal === null) return false
  context.output.note(`The server shows ${fingerprint}`)
  const answer = await terminal.readLine('Is this the right server? (yes/no) ')
  return answer?.trim().toLowerCase() === 'yes'
}
