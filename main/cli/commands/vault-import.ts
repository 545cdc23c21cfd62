import os from 'node:os'
import path from 'node:path'
import type { Command } from 'commander'
import { importNotes, importProblems, importStates } from '../../messages/en/import.ts'
import { AppError } from '../../model/app-error.ts'
import { importFormats, ImportFormat } from '../../model/import.ts'
import type { ImportEntry, ImportState } from '../../model/import.ts'
import type { AppServices } from '../../services/app-services.ts'
import type { Imported, OpenImport } from '../../services/import-service.ts'
import type { CommandContext } from '../context.ts'
import { readSecretFile, trimLineEnd } from '../password-source.ts'
import { escapeForTerminal, formatTable } from '../terminal-text.ts'
import { numberList } from '../values.ts'

const longestFile = 16 * 1024 * 1024
const longestPassword = 4096
const longestKeyFile = 1_048_576

type ImportOptions = {
  format?: string
  sourcePasswordFile?: string
  sourceKeyFile?: string
  dryRun?: boolean
  only?: number[]
}

/** `vault import`; `vault` is the group of commands it belongs to. */
export function addImportCommand(vault: Command, context: () => CommandContext): void {
  vault
    .command('import <file>')
    .description('take sign-ins over from a file of another program; jobs and commands in it are never taken')
    .option('--format <format>', `${importFormats.join(', ')}; found out where the file tells`)
    .option('--source-password-file <file>', 'read the password of the imported file from a file, - = stdin')
    .option('--source-key-file <file>', 'key file of a KDBX database')
    .option('--dry-run', 'only show what would come in')
    .option('--only <numbers>', 'only these of the preview, as 1,3; duplicates too', numberList)
    .action((file: string, options: ImportOptions) => importFile(context(), file, options))
}

async function importFile(context: CommandContext, file: string, options: ImportOptions): Promise<void> {
  refuseSharedStdin(context, file, options)
  const bytes = readSecretFile(file, longestFile)
  const { format, read } = await openFile(context, { name: file, bytes }, options).finally(() =>
    bytes.fill(0),
  )
  try {
    const imported = options.dryRun === true ? [] : await read.take(options.only ?? null)
    const { entries } = read
    const document = { ok: true, format, dryRun: options.dryRun === true, imported, entries }
    context.output.answer({ ...document, counts: countsOf(entries) }, previewText(entries, imported, options))
    // Who chose entries knows of the others.
    const isPartial = options.only === undefined && entries.some(({ state }) => state === 'unreadable')
    if (isPartial) context.setExitCode(1)
  } finally {
    read.close()
  }
}

type SourceFile = { readonly name: string; readonly bytes: Uint8Array }
type Opened = { readonly format: ImportFormat; readonly read: OpenImport }

/** Reads the file into memory, whose owner closes it; whatever fails, the password of the file is wiped. */
async function openFile(
  context: CommandContext,
  { name, bytes }: SourceFile,
  options: ImportOptions,
): Promise<Opened> {
  const { services } = await context.home()
  const format = formatOf(services, { name, bytes }, options.format)
  const isSealed = services.imports.needsPassword(format, bytes)
  const keyFile =
    options.sourceKeyFile === undefined ? null : readSecretFile(options.sourceKeyFile, longestKeyFile)
  let password: Uint8Array | null = null
  try {
    if (isSealed) password = await sourcePassword(context, options, keyFile !== null)
    await context.unlocked()
    const { allowSlowKdf } = context.options
    const read = await services.imports.open({
      format,
      bytes,
      password,
      keyFile,
      allowSlowKdf,
      localUser: userName(),
    })
    return { format, read }
  } finally {
    password?.fill(0)
    keyFile?.fill(0)
  }
}

function formatOf(
  services: AppServices,
  { name, bytes }: { readonly name: string; readonly bytes: Uint8Array },
  given: string | undefined,
): ImportFormat {
  const format = ImportFormat.safeParse(given ?? services.imports.detect(path.basename(name), bytes))
  if (format.success) return format.data
  const why = `one of ${importFormats.join(', ')} is expected`
  throw new AppError('usage', 'format of the import', { details: { option: '--format', why } })
}

/** Null when a key file is given and nothing is typed: some databases have no password. */
async function sourcePassword(
  context: CommandContext,
  options: ImportOptions,
  hasKeyFile: boolean,
): Promise<Uint8Array | null> {
  const { sourcePasswordFile: file } = options
  if (file !== undefined) return trimLineEnd(readSecretFile(file, longestPassword))
  const terminal = context.terminal()
  const password = (await terminal?.readSecret('Password of the imported file: ')) ?? null
  if (password !== null && (password.byteLength > 0 || !hasKeyFile)) return password
  if (hasKeyFile) return null
  throw new AppError('usage', 'the file has a password', {
    details: { option: '--source-password-file', why: 'the file is opened with a password of its own' },
  })
}

/** Before anything reads it: whoever came second would find it empty. */
function refuseSharedStdin(context: CommandContext, file: string, options: ImportOptions): void {
  const readers = [
    file,
    options.sourcePasswordFile,
    options.sourceKeyFile,
    context.options.passwords.passwordFile,
  ]
  if (readers.filter((one) => one === '-').length > 1)
    throw new AppError('usage', 'stdin named twice', { details: { why: 'stdin can be read only once' } })
}

/** Null where the system has no name for this user id. */
function userName(): string | null {
  try {
    return os.userInfo().username
  } catch {
    return null
  }
}

function countsOf(entries: readonly ImportEntry[]): Record<ImportState, number> {
  const counts = { new: 0, duplicate: 0, unsupported: 0, unreadable: 0 }
  for (const { state } of entries) counts[state] += 1
  return counts
}

function previewText(
  entries: readonly ImportEntry[],
  imported: readonly Imported[],
  options: ImportOptions,
): string {
  const added = new Set(imported.map(({ number }) => number))
  const rows = entries.map((entry) => [
    String(entry.number),
    added.has(entry.number) ? 'added' : importStates[entry.state],
    escapeForTerminal(entry.as),
    escapeForTerminal(serverText(entry)),
    escapeForTerminal(remarks(entry)),
  ])
  const end =
    options.dryRun === true ? 'Nothing was stored.' : `Added ${imported.length} of ${entries.length}.`
  return `${formatTable(rows)}${end}\n`
}

function serverText({ protocol, user, host, port }: ImportEntry): string {
  const place = host === null ? '' : `${host}${port === null ? '' : `:${port}`}`
  return `${protocol} ${user === null ? '' : `${user}@`}${place}`
}

function remarks({ problem, duplicateOf, notes }: ImportEntry): string {
  const said = [
    ...(problem === null || problem === 'unsupported' ? [] : [importProblems[problem]]),
    ...(duplicateOf === null ? [] : [`same server and user as ${duplicateOf}`]),
    ...notes.map((note) => importNotes[note]),
  ]
  return said.join('; ')
}
