import type { Command } from 'commander'
import { checkFigures, copyStates, faultText, fileFaults, remedyText } from '../../messages/en/vault-check.ts'
import type { DamagedRecord, VaultCheck } from '../../model/vault-check.ts'
import { exitCodeOf } from '../../model/error-codes.ts'
import type { CommandContext } from '../context.ts'
import { isPasswordGiven } from '../password-source.ts'
import { escapeForTerminal } from '../terminal-text.ts'
import { refuseUnusable } from '../unlock-home.ts'

/** `vault verify`; `vault` is the group of commands it belongs to. */
export function addVerifyCommand(vault: Command, context: () => CommandContext): void {
  vault
    .command('verify')
    .description('check every record and copy, also of a vault that does not open; exit 7 for damage')
    .option('--repair', 'restore from the copies what is damaged; the damaged file is kept')
    .action((options: { repair?: boolean }) => verify(context(), options.repair === true))
}

async function verify(context: CommandContext, repair: boolean): Promise<void> {
  const report = await check(context, repair)
  context.output.answer(report, reportText(report))
  if (!report.ok) context.setExitCode(exitCodeOf('vault-damaged'))
}

/** By the key of the keychain where that opens the vault; a damaged one opens by no key, so the password is asked for. */
async function check(context: CommandContext, repair: boolean): Promise<VaultCheck> {
  const { allowSlowKdf } = context.options
  const { services } = await context.home()
  const { state, keychain } = await services.vault.status()
  if (state === 'no-vault' || state === 'newer') refuseUnusable(state)
  if (state === 'locked' && keychain === 'on' && !isPasswordGiven(context.options.passwords)) {
    const answer = await services.vault.unlockFromKeychain()
    if (answer === 'unlocked') return services.vault.check({ proof: null, repair, allowSlowKdf })
  }
  return context.withProof((home, proof) => home.services.vault.check({ proof, repair, allowSlowKdf }))
}

function reportText(report: VaultCheck): string {
  const { faults, damaged, generations, local, repaired, keptAs } = report
  const intact = generations.filter(({ state }) => state === 'intact').length
  const bad = generations.filter(({ state }) => state !== 'intact')
  const lines = [
    ...faults.map((fault) => fileFaults[fault]),
    ...damaged.flatMap((one) => recordLines(one, repaired)),
    ...bad.map(({ n, state }) => `Copy ${n} ${state === 'damaged' ? 'is ' : ''}${copyStates[state]}.`),
    ...(local.state === 'damaged' ? [localLine(local.lost)] : []),
    `Checked: ${checkFigures(report.records, report.tokens, intact)}.`,
    ...(repaired ? ['Repaired.'] : []),
    ...(keptAs === null ? [] : [`The damaged files are kept in ${keptAs}.`]),
  ]
  if (report.ok && !repaired) return `All intact: ${checkFigures(report.records, report.tokens, intact)}.\n`
  return `${lines.join('\n')}\n${repaired || report.ok ? '' : 'Nothing was changed. --repair restores what can be.\n'}`
}

function recordLines(one: DamagedRecord, isDone: boolean): string[] {
  const name = one.name === null ? 'A record without a readable name' : escapeForTerminal(one.name)
  const kind = one.kind === null ? '' : ` (${escapeForTerminal(one.kind)})`
  const id = one.id === null ? '' : ` ${one.id}`
  return [
    `${name}${kind}${id}: ${remedyText(one, isDone)}`,
    ...one.parts.map((part) => `  ${faultText(part)}`),
  ]
}

function localLine(lost: number): string {
  return lost === 0
    ? "This device's own data (local folders) are damaged; the copy beside them has all of it."
    : `This device's own data (local folders) are damaged, and ${lost} of them lost: set these jobs' folders again.`
}
