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
import { expiryText, hasIdentity, stateText, targetText, unknownType } from '../credential-text.ts'
import { credentialShape } from '../shapes.ts'
import { readSecretsFromStdin } from '../stdin-secrets.ts'
import { escapeForTerminal, formatTable, shownWord } from '../terminal-text.ts'
import { expiryDate, fingerprint, keyValue, repeated, wholeNumber } from '../values.ts'
import { withDetails } from '../with-details.ts'
import { addRevisionCommands } from './credential-revisions.ts'
import { addCredentialExportCommand } from './vault-export.ts'

const longestSecret = 65_536

type SecretOptions = { secretFile: Record<string, string>; stdin?: boolean }
type AddOptions = SecretOptions & {
  type: string
  field: Record<string, string>
  tag: string[]
  expires?: string
  trustHostKey?: string
  trustOnFirstUse?: boolean
}
type EditOptions = SecretOptions & {
  name?: string
  field: Record<string, string>
  tag: string[]
  removeTag: string[]
  expires?: string
  trustHostKey?: string
  removeSecret: string[]
}
type ShowOptions = { reveal?: boolean; rev?: number }

type ListOptions = { tag: string[]; type?: string }
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
    .option('--expires <date>', 'day it stops working, YYYY-MM-DD; you are reminded before', expiryDate)
    .option('--trust-host-key <fingerprint>', 'pin this server identity (SHA256:...)', fingerprint)
    .option('--trust-on-first-use', 'connect once and pin what the server shows')
    .action((name: string, options: AddOptions) => add(context(), name, options))
  credential
    .command('list')
    .description('all stored sign-ins')
    .option('--tag <tag>', 'only those with this tag, repeatable', repeated, [])
    .option('--type <type>', 'only of this kind')
    .action((options: ListOptions) => list(context(), options))
  credential
    .command('show <name>')
    .description('one sign-in')
    .option('--reveal', 'with its secrets')
    .option('--rev <n>', 'with --reveal: the secrets of an old revision', wholeNumber)
    .action((name: string, options: ShowOptions) => show(context(), name, options))
  credential
    .command('edit <name>')
    .description('change a sign-in; a new host or port drops secrets that are not given again')
    .option('--name <name>', 'new name')
    .option('--field <k=v>', 'a field, empty value removes it, repeatable', keyValue, {})
    .option('--secret-file <k=file>', 'a secret field from a file, repeatable', keyValue, {})
    .option('--stdin', 'secret fields as one JSON object on stdin')
    .option('--remove-secret <k>', 'repeatable', repeated, [])
    .option('--tag <tag>', 'add a tag, repeatable', repeated, [])
    .option('--remove-tag <tag>', 'repeatable', repeated, [])
    .option('--expires <date>', 'day it stops working, YYYY-MM-DD, or never', expiryDate)
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
  addRevisionCommands(credential, context)
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
  if (!type.success) throw unknownType(options.type)
  const draft = parseInput(CredentialDraft, {
    name,
    type: type.data,
    fields: withAbsoluteKeyFile(options.field),
    hostKey: options.trustHostKey ?? null,
    tags: options.tag,
    expires: endOf(options.expires),
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

async function list(context: CommandContext, options: ListOptions): Promise<void> {
  const type = options.type === undefined ? null : CredentialType.safeParse(options.type)
  if (type?.success === false) throw unknownType(options.type ?? '')
  const { services } = await context.unlocked()
  const all = (await services.credentials.list()).filter(
    (one) => (type === null || one.type === type.data) && options.tag.every((tag) => one.tags.includes(tag)),
  )
  const rows = all.map((one) => [
    escapeForTerminal(one.name),
    one.type,
    escapeForTerminal(targetText(one)),
    stateText(one, Date.now()),
  ])
  context.output.answer({ credentials: all.map(credentialShape) }, formatTable(rows))
}

async function show(context: CommandContext, name: string, options: ShowOptions): Promise<void> {
  const rev = options.rev ?? null
  if (rev !== null && options.reveal !== true)
    throw new AppError('usage', 'rev without reveal', { details: { why: '--rev needs --reveal' } })
  const { services } = await context.unlocked()
  const found = await services.credentials.find(name)
  const shape = credentialShape(found)
  const revealed: Record<string, string> = {}
  if (options.reveal === true) {
    for (const field of await secretsAt(services, found, rev)) {
      const bytes = await services.credentials.reveal(found.id, field, { rev })
      revealed[field] = new TextDecoder().decode(bytes)
      bytes.fill(0)
    }
  }
  context.output.answer(
    {
      credential: {
        ...shape,
        ...(rev === null ? {} : { revision: rev }),
        ...(options.reveal === true ? { revealed } : {}),
      },
    },
    rev === null
      ? credentialText(found, revealed)
      : formatTable(Object.entries(revealed).map(([field, value]) => [escapeForTerminal(field), value])),
  )
}

/** Names of the secrets of a revision, null = the present one. Throws AppError('unknown-name') when it is not kept. */
async function secretsAt(
  services: OpenHome['services'],
  found: Credential,
  rev: number | null,
): Promise<readonly string[]> {
  if (rev === null) return found.secrets
  const revisions = await services.credentials.revisions(found.id)
  const one = revisions.find((each) => each.rev === rev)
  if (one === undefined)
    throw new AppError('unknown-name', 'no such revision', { details: { what: 'revision' } })
  return one.secrets
}

function credentialText(one: Credential, revealed: Readonly<Record<string, string>>): string {
  return formatTable([
    ['Name', escapeForTerminal(one.name)],
    ['Type', one.type],
    ...Object.entries(one.fields).map(([field, value]) => [field, escapeForTerminal(value)]),
    ...one.secrets.map((field) => [escapeForTerminal(field), revealed[field] ?? '(stored)']),
    ...(hasIdentity(one.type)
      ? [['Server identity', escapeForTerminal(one.hostKey ?? 'not confirmed')]]
      : []),
    ['Tags', escapeForTerminal(one.tags.join(', ')) || '-'],
    ['Expires', one.expires === null ? '-' : `${one.expires} (${expiryText(one.expires, Date.now())})`],
    ['Used by', one.usedBy.map((job) => escapeForTerminal(job.name)).join(', ') || '-'],
    [
      'Last used',
      one.lastUsed === null ? '-' : escapeForTerminal(`${one.lastUsed.name}, ${one.lastUsed.at}`),
    ],
    ['Changed', one.changed],
    ['Blocked', one.blocked === null ? '-' : `sign-in refused since ${one.blocked.since}`],
    ...(one.needsSignInHere ? [['State', 'needs sign-in on this device']] : []),
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
    ...(options.expires === undefined ? {} : { expires: endOf(options.expires) }),
    removeSecrets: options.removeSecret,
  })
  const { services } = await context.unlocked()
  const found = await services.credentials.find(name)
  const tags = changedTags(found.tags, options)
  const changed = await services.credentials.edit(
    found.id,
    tags === null ? patch : { ...patch, tags },
    readSecrets(options),
  )
  await tellDropped(context, found, { services, asked: options.removeSecret })
  context.output.answer({ ok: true, ...changed }, `Changed ${escapeForTerminal(changed.name)}.\n`)
}

/** commander takes null for no answer of a parser, so `never` comes as a word. */
function endOf(expires: string | undefined): string | null {
  return expires === undefined || expires === 'never' ? null : expires
}

/** The tags after an edit, null when they stay. */
function changedTags(before: readonly string[], { tag, removeTag }: EditOptions): string[] | null {
  if (tag.length === 0 && removeTag.length === 0) return null
  const kept = before.filter((one) => !removeTag.includes(one) && !tag.includes(one))
  return parseInput(CredentialPatch.shape.tags, [...kept, ...tag]) ?? []
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
      `Dropped with the old server: ${dropped.join(', ')}. Give it again: fernsync credential edit ${shownWord(after.name)} --secret-file ${dropped[0] ?? 'password'}=FILE`,
    )
  }
  if (before.hostKey !== null && after.hostKey === null) {
    context.output.note(`The server is not trusted yet: fernsync credential trust ${shownWord(after.name)}`)
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
