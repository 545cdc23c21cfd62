import type { Command } from 'commander'
import { AppError } from '../../model/app-error.ts'
import type { VaultStatus } from '../../model/vault.ts'
import type { CommandContext } from '../context.ts'
import { readNewPassword } from '../password-source.ts'
import { formatTable } from '../terminal-text.ts'
import { refuseUnusable } from '../unlock-home.ts'
import { wholeNumber } from '../values.ts'
import { addExportCommand } from './vault-export.ts'
import { addAuditCommand } from './vault-audit.ts'
import { addImportCommand } from './vault-import.ts'
import { addSlotCommands, kdfNamed, slotCost } from './vault-slots.ts'
import { addVerifyCommand } from './vault-verify.ts'

export function addVaultCommands(program: Command, context: () => CommandContext): void {
  const vault = program.command('vault').description('the encrypted vault of this home folder')
  vault
    .command('init')
    .description('make a new vault')
    .option('--iterations <n>', 'PBKDF2 iterations, 600000 to 10000000', wholeNumber)
    .option('--kdf <name>', 'pbkdf2-hmac-sha256 (default), argon2id, scrypt or bcrypt')
    .action((options: { iterations?: number; kdf?: string }) => init(context(), options))
  vault
    .command('status')
    .description('what can be said without a password')
    .action(() => status(context()))
  vault
    .command('restore')
    .description('put an older copy back')
    .requiredOption('--generation <n>', '1 = newest copy', wholeNumber)
    .action((options: { generation: number }) => restore(context(), options.generation))
  vault
    .command('forget')
    .description('take the unlock key out of the keychain of this system')
    .action(() => forget(context()))
  addSlotCommands(vault, context)
  addImportCommand(vault, context)
  addExportCommand(vault, context)
  addVerifyCommand(vault, context)
  addAuditCommand(vault, context)
}

async function init(
  context: CommandContext,
  { iterations, kdf }: { iterations?: number; kdf?: string },
): Promise<void> {
  if (iterations !== undefined && kdf !== undefined)
    throw new AppError('usage', 'two derivations', { details: { option: '--kdf' } })
  const options = {
    ...(iterations === undefined ? {} : { iterations }),
    ...(kdf === undefined ? {} : { kdf: kdfNamed(kdf) }),
  }
  const { services } = await context.home()
  const before = await services.vault.status()
  if (before.state === 'missing') throw new AppError('vault-missing', 'a vault was here')
  if (before.state !== 'no-vault') throw new AppError('vault-exists', 'there is a vault')
  const password = await readNewPassword(context.passwords())
  const made = await services.vault.create(password, options)
  context.output.note('Nobody can recover a lost master password: write it down and keep it safe.')
  context.output.answer({ ok: true, id: made.vault, name: 'vault', rev: 1 }, 'The vault is ready.\n')
}

async function status(context: CommandContext): Promise<void> {
  const { services } = await context.home()
  const found = await services.vault.status()
  context.output.answer(found, statusText(found))
}

function statusText(found: VaultStatus): string {
  return formatTable([
    ['Home', found.home],
    ['State', found.state],
    ['Vault', found.vault ?? '-'],
    ['Format', found.format ?? '-'],
    ...found.slots.map((slot) => [`Slot ${slot.id}`, `${slot.type}, ${slotCost(slot)}`]),
    ['Records', String(found.records)],
    ...found.generations.map((one) => [`Copy ${one.n}`, `${one.changed}${one.ok ? '' : ' (damaged)'}`]),
    ['Keychain', found.keychain],
  ])
}

async function restore(context: CommandContext, generation: number): Promise<void> {
  const { services } = await context.home()
  const restored = await services.vault.restore(generation)
  context.output.answer(
    { ok: true, id: restored.vault, name: 'vault', rev: 1 },
    `Copy ${generation} is the vault again. What it replaced is kept as a copy.\n`,
  )
}

/** Succeeds only when the keychain has said that nothing is there any more. */
async function forget(context: CommandContext): Promise<void> {
  const { services } = await context.home()
  refuseUnusable((await services.vault.status()).state)
  const { vault } = await services.vault.forgetKey()
  context.output.answer({ ok: true, id: vault, name: 'vault', rev: 1 }, 'The keychain holds no unlock key.\n')
}
