import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { AppError } from '../../model/app-error.ts'
import { KdfChoice } from '../../model/vault.ts'
import type { VaultStatus } from '../../model/vault.ts'
import { createNodeExportFiles } from '../../adapters/node-export-files.ts'
import type { CommandContext, OpenHome } from '../context.ts'
import { parseInput } from '../parse-input.ts'
import { readNewPassword, readSecretFile, trimLineEnd } from '../password-source.ts'
import { formatTable } from '../terminal-text.ts'
import type { Terminal } from '../terminal.ts'
import { refuseUnusable } from '../unlock-home.ts'

const longestPassword = 4096
const longestKeyFile = 4096
const wipeAll = (...all: readonly (Uint8Array | null)[]): void => {
  for (const bytes of all) bytes?.fill(0)
}

/** `vault slots | passwd | recovery | keyfile | rotate`: the ways into a vault. */
export function addSlotCommands(vault: Command, context: () => CommandContext): void {
  vault
    .command('slots')
    .description('ways to unlock')
    .action(() => slots(context()))
  vault
    .command('passwd')
    .description('change the master password')
    .option('--new-password-file <file>', 'read the new password from a file')
    .option('--kdf <name>', 'pbkdf2-hmac-sha256, argon2id, scrypt or bcrypt; the kind in use unless given')
    .action((options: PasswordOptions) => passwd(context(), options))
  const recovery = vault.command('recovery').description('the recovery key')
  recovery
    .command('add')
    .description('make a recovery key, in the place of one there was')
    .option('--out <file>', 'write it to a new file instead of the terminal')
    .action((options: { out?: string }) => addRecovery(context(), options))
  recovery
    .command('remove')
    .description('make the recovery key useless')
    .action(() => removeRecovery(context()))
  const keyFile = vault.command('keyfile').description('a key file that the password needs')
  keyFile
    .command('add')
    .argument('<file>', 'a key file of Fernsync, or the name of one to make')
    .description('unlock with the password and this file together from now on')
    .action((file: string) => addKeyFile(context(), file))
  keyFile
    .command('remove')
    .description('unlock with the password alone again')
    .action(() => removeKeyFile(context()))
  vault
    .command('rotate')
    .description('replace the vault key and encrypt every record anew')
    .option('--drop-slot <id>', 'give up a way in, such as rk1', collect, [])
    .option('--recovery-key-file <file>', 'keep the recovery key that this file holds')
    .action((options: RotateOptions) => rotate(context(), options))
}

type PasswordOptions = { readonly newPasswordFile?: string; readonly kdf?: string }
type RotateOptions = { readonly dropSlot: readonly string[]; readonly recoveryKeyFile?: string }

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

async function slots(context: CommandContext): Promise<void> {
  const { services } = await context.home()
  const { state, slots: found } = await services.vault.status()
  refuseUnusable(state)
  const rows = found.map((slot) => [slot.id, slot.type, slotCost(slot)])
  context.output.answer({ slots: found }, formatTable(rows))
}

/** `pbkdf2-hmac-sha256, 1200000 iterations`. */
export function slotCost({ kdf, numbers }: VaultStatus['slots'][number]): string {
  const unit = (name: string): string => (name === 'memoryKiB' ? 'KiB memory' : name)
  return [kdf, ...Object.entries(numbers).map(([name, value]) => `${value} ${unit(name)}`)].join(', ')
}

/** The derivation named on the command line, with our own numbers. Throws AppError('usage'). */
export function kdfNamed(name: string): KdfChoice {
  return parseInput(KdfChoice, { name })
}

async function passwd(context: CommandContext, options: PasswordOptions): Promise<void> {
  const source = context.passwords()
  const again = options.newPasswordFile
  const kdf = options.kdf === undefined ? undefined : kdfNamed(options.kdf)
  if (source.kind === 'once' && again === undefined) {
    throw new AppError('usage', 'name the new password', { details: { option: '--new-password-file' } })
  }
  const { home, proof } = await context.unlockedWithProof()
  const next =
    again === undefined
      ? await readNewPassword(source)
      : await readNewPassword({
          kind: 'once',
          read: () => Promise.resolve(trimLineEnd(readSecretFile(again, longestPassword))),
        })
  const changed = await home.services.vault.changePassword(proof, next, kdf)
  answer(context, changed, 'The master password is changed.\n')
}

async function addRecovery(context: CommandContext, { out }: { out?: string }): Promise<void> {
  const { home, proof } = await context.unlockedWithProof()
  const { vault } = home.services
  const terminal = out === undefined ? context.terminal() : null
  if (out === undefined && terminal === null)
    throw new AppError('usage', 'no terminal', { details: { option: '--out' } })
  const prepared = await vault.prepareRecoveryKey()
  try {
    if (terminal !== null) show(terminal, prepared.key)
    else if (out !== undefined) await writeNew(home, out, withLineEnd(prepared.key))
    const typed =
      terminal === null ? groupsOf(prepared.key, prepared.ask) : await typedBack(terminal, prepared.ask)
    const changed = await vault.addRecoveryKey(proof, typed)
    answer(
      context,
      changed,
      'The recovery key opens this vault from now on. Keep it away from this computer.\n',
    )
  } finally {
    wipeAll(prepared.key)
  }
}

function show(terminal: Terminal, key: Uint8Array): void {
  terminal.write(
    'Write this recovery key down. It is shown once, and opens the vault without the password:\n\n  ',
  )
  terminal.write(key)
  terminal.write('\n\n')
}

async function typedBack(
  terminal: Terminal,
  [first, second]: readonly [number, number],
): Promise<readonly [Uint8Array, Uint8Array]> {
  const groups: Uint8Array[] = []
  for (const number of [first, second]) {
    const typed = await terminal.readSecret(`Type group ${number} of it: `)
    if (typed === null) throw new AppError('cancelled', 'no group given')
    groups.push(typed)
  }
  const [one = new Uint8Array(0), other = new Uint8Array(0)] = groups
  return [one, other]
}

/** For a key that went into a file as a whole: there is nothing to mistype. */
function groupsOf(
  key: Uint8Array,
  [first, second]: readonly [number, number],
): readonly [Uint8Array, Uint8Array] {
  const group = (number: number): Uint8Array => key.slice((number - 1) * 5, (number - 1) * 5 + 4)
  return [group(first), group(second)]
}

async function removeRecovery(context: CommandContext): Promise<void> {
  const { home, proof } = await context.unlockedWithProof()
  const { vault } = home.services
  const slot = (await vault.status()).slots.find(({ type }) => type === 'recovery')
  if (slot === undefined) throw new AppError('slot-missing', 'no recovery key')
  answer(context, await vault.removeSlot(slot.id, proof), 'The recovery key opens nothing any more.\n')
}

async function addKeyFile(context: CommandContext, file: string): Promise<void> {
  const { home, proof } = await context.unlockedWithProof()
  const { vault } = home.services
  // Durable before the vault needs it: a key file that a crash took would lock its owner out.
  if (!existsSync(file)) await writeNew(home, file, await vault.newKeyFile())
  const changed = await vault.setKeyFile(proof, readSecretFile(file, longestKeyFile))
  context.output.note('Without this file the password opens nothing. Keep a copy of it somewhere safe.')
  answer(context, changed, 'Unlocking takes the password and the key file from now on.\n')
}

async function removeKeyFile(context: CommandContext): Promise<void> {
  const { home, proof } = await context.unlockedWithProof()
  const changed = await home.services.vault.setKeyFile(proof, null)
  answer(context, changed, 'The password alone unlocks again.\n')
}

async function rotate(context: CommandContext, options: RotateOptions): Promise<void> {
  const { home, proof } = await context.unlockedWithProof()
  const { vault } = home.services
  const recovery = recoveryKeyFrom(options.recoveryKeyFile)
  context.onStop(() => void vault.cancelRotation())
  const changed = await vault.rotateKey({
    proofs: [proof, ...recovery],
    dropSlots: options.dropSlot,
    onProgress: ({ done, total }) => context.output.detail(`encrypting anew: ${done} of ${total} records`),
  })
  answer(context, changed, 'The vault has a new key, and every record is encrypted anew.\n')
}

function recoveryKeyFrom(file: string | undefined): { recoveryKey: Uint8Array }[] {
  return file === undefined ? [] : [{ recoveryKey: trimLineEnd(readSecretFile(file, longestKeyFile)) }]
}

/** Never over a file that is there, nor into the home folder. Wipes `bytes`. */
async function writeNew({ home }: Pick<OpenHome, 'home'>, path: string, bytes: Uint8Array): Promise<void> {
  await createNodeExportFiles({ home })
    .write(path, bytes, { replace: false })
    .finally(() => wipeAll(bytes))
}

function withLineEnd(key: Uint8Array): Uint8Array {
  const line = new Uint8Array(key.byteLength + 1)
  line.set(key)
  line[key.byteLength] = 0x0a
  return line
}

function answer({ output }: CommandContext, { vault: id }: VaultStatus, text: string): void {
  output.answer({ ok: true, id, name: 'vault', rev: 1 }, text)
}
