import type { Command } from 'commander'
import { nodeRandom } from '../../adapters/node-random.ts'
import { systemClock } from '../../adapters/system-clock.ts'
import { AppError } from '../../model/app-error.ts'
import { KeyComment, PasswordRules } from '../../model/generator.ts'
import { createGeneratorService } from '../../services/generator-service.ts'
import type { CommandContext } from '../context.ts'
import { parseInput } from '../parse-input.ts'
import { escapeForTerminal } from '../terminal-text.ts'
import { wholeNumber } from '../values.ts'

type PasswordOptions = {
  length: number
  lower: boolean
  upper: boolean
  digits: boolean
  symbols: boolean
  lookAlikes: boolean
  credential?: string
  field?: string
}
type KeyOptions = { credential: string; comment: string }

export function addGenerateCommands(program: Command, context: () => CommandContext): void {
  const generate = program.command('generate').description('passwords and keys made on this machine')
  generate
    .command('password')
    .description('a random password, printed, or stored unseen with --credential')
    .option('--length <n>', '12 to 128 characters', wholeNumber, 20)
    .option('--no-lower', 'without a-z')
    .option('--no-upper', 'without A-Z')
    .option('--no-digits', 'without 0-9')
    .option('--no-symbols', 'without symbols')
    .option('--no-look-alikes', 'without I l 1 | O 0 o')
    .option('--credential <name>', 'store it in this sign-in instead of printing it')
    .option('--field <k>', 'the secret field to store it in (default: password)')
    .action((options: PasswordOptions) => password(context(), options))
  generate
    .command('ssh-key')
    .description('an Ed25519 key for a sign-in; prints the public line only')
    .requiredOption('--credential <name>', 'the sign-in that gets the private key')
    .option('--comment <text>', 'ends the public line', '')
    .action((options: KeyOptions) => sshKey(context(), options))
}

async function password(context: CommandContext, options: PasswordOptions): Promise<void> {
  const { credential, field = 'password', ...given } = options
  if (credential === undefined && options.field !== undefined)
    throw new AppError('usage', 'field without credential', {
      details: { why: '--field needs --credential' },
    })
  const rules = parseInput(PasswordRules, given)
  const generator = createGeneratorService({ random: nodeRandom, clock: systemClock })
  const made = generator.password(rules)
  try {
    const bits = Math.floor(made.bits)
    if (credential === undefined) {
      const text = new TextDecoder().decode(made.password)
      context.output.answer({ password: text, bits }, `${text}\n`)
      return
    }
    const { services } = await context.unlocked()
    const found = await services.credentials.find(credential)
    const changed = await services.credentials.edit(found.id, {}, { [field]: made.password })
    context.output.answer(
      { ok: true, ...changed, field, bits },
      `Stored a password of ${bits} bits as ${escapeForTerminal(field)} of ${escapeForTerminal(changed.name)}.\n`,
    )
  } finally {
    made.password.fill(0)
  }
}

async function sshKey(context: CommandContext, { credential, comment }: KeyOptions): Promise<void> {
  const generator = createGeneratorService({ random: nodeRandom, clock: systemClock })
  const { services } = await context.unlocked()
  const found = await services.credentials.find(credential)
  const made = generator.sshKey(parseInput(KeyComment, comment))
  try {
    // The new key has no passphrase: one that stayed would be tried on it.
    const patch = { fields: { publicKey: made.publicLine }, removeSecrets: ['passphrase'] }
    const changed = await services.credentials.edit(found.id, patch, { privateKey: made.privateKey })
    const { publicLine, fingerprint } = made
    context.output.answer(
      { ok: true, ...changed, publicKey: publicLine, fingerprint },
      `${escapeForTerminal(publicLine)}\n`,
    )
  } finally {
    made.privateKey.fill(0)
  }
}
