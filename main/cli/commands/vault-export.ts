import path from 'node:path'
import type { Command } from 'commander'
import { exportWarnings } from '../../messages/en/import.ts'
import { AppError } from '../../model/app-error.ts'
import type { ExportTarget } from '../../services/export-service.ts'
import type { CommandContext } from '../context.ts'
import { readNewPassword, readSecretFile, trimLineEnd } from '../password-source.ts'
import type { PasswordSource } from '../password-source.ts'
import { escapeForTerminal } from '../terminal-text.ts'
import { wipeProof } from '../unlock-home.ts'

const formats = ['vault', 'csv', 'json'] as const
type Format = (typeof formats)[number]
const longestPassword = 4096

type ExportOptions = { format: string; force?: boolean }
type CredentialOptions = { exportPasswordFile?: string; force?: boolean }

/** `vault export`; `vault` is the group of commands it belongs to. */
export function addExportCommand(vault: Command, context: () => CommandContext): void {
  vault
    .command('export <file>')
    .description('write a copy of the vault (encrypted), or every sign-in in clear as csv or json')
    .option('--format <format>', formats.join(', '), 'vault')
    .option('--force', 'write over a file that is there')
    .action((file: string, options: ExportOptions) => exportVault(context(), file, options))
}

/** `credential export`, likewise. */
export function addCredentialExportCommand(credential: Command, context: () => CommandContext): void {
  credential
    .command('export <name> <file>')
    .description('write one sign-in as a portable file, encrypted with a password of its own')
    .option('--export-password-file <file>', 'read the password of the new file from a file')
    .option('--force', 'write over a file that is there')
    .action((name: string, file: string, options: CredentialOptions) =>
      exportCredential(context(), name, { ...options, file }),
    )
}

async function exportVault(context: CommandContext, file: string, options: ExportOptions): Promise<void> {
  const format = formatOf(options.format)
  const target = targetOf(file, options.force)
  if (format === 'vault') {
    const { services } = await context.unlocked()
    await services.exports.vault(target)
    answer(
      context,
      { format, file: target.path },
      `Wrote an encrypted copy of the vault to ${shown(target)}.\n`,
    )
    return
  }
  const { home, proof } = await context.unlockedWithProof()
  const credentials = await home.services.exports.plain(format, proof, target)
  context.output.note(exportWarnings.plain)
  const text = `Wrote ${credentials} sign-ins in clear to ${shown(target)}.\n`
  answer(context, { format, file: target.path, credentials }, text)
}

async function exportCredential(
  context: CommandContext,
  name: string,
  options: CredentialOptions & { readonly file: string },
): Promise<void> {
  const target = targetOf(options.file, options.force)
  const source = context.passwords()
  const { exportPasswordFile: given } = options
  if (source.kind === 'once' && given === undefined)
    throw new AppError('usage', 'password of the export', { details: { option: '--export-password-file' } })
  const { home, proof } = await context.unlockedWithProof()
  const password = await exportPassword(source, given).catch((error: unknown) => {
    wipeProof(proof)
    throw error
  })
  const credential = await home.services.exports.credential(name, { proof, password }, target)
  const text = `Wrote ${escapeForTerminal(credential.name)} to ${shown(target)}.\n`
  answer(context, { format: 'portable', file: target.path, id: credential.id, name: credential.name }, text)
}

async function exportPassword(source: PasswordSource, given: string | undefined): Promise<Uint8Array> {
  return given === undefined
    ? readNewPassword(source, 'Password of the exported file: ')
    : trimLineEnd(readSecretFile(given, longestPassword))
}

function formatOf(given: string): Format {
  const format = formats.find((one) => one === given)
  if (format !== undefined) return format
  const why = `one of ${formats.join(', ')} is expected`
  throw new AppError('usage', 'format of the export', { details: { option: '--format', why } })
}

function targetOf(file: string, force: boolean | undefined): ExportTarget {
  return { path: path.resolve(file), replace: force === true }
}

function shown({ path: file }: ExportTarget): string {
  return escapeForTerminal(file)
}

function answer(context: CommandContext, facts: Readonly<Record<string, unknown>>, text: string): void {
  context.output.answer({ ok: true, ...facts }, text)
}
