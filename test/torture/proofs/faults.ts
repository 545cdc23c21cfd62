import { AppError } from '../../../main/model/app-error.ts'
import { isErrorCode } from '../../../main/model/error-codes.ts'
import { commands } from '../support/commands.ts'
import { brief, isSame } from '../support/contents.ts'
import type { Seen } from '../support/contents.ts'
import { afterPowerCut, nothingPending, settledDisk, systemError } from '../support/disk.ts'
import type { Fault } from '../support/disk.ts'
import { createLab } from '../support/lab.ts'
import { rehearse } from '../support/rehearse.ts'
import type { Performance, Rehearsal } from '../support/rehearse.ts'
import { createFailures, describeError } from '../proof.ts'
import type { Proof, Run } from '../proof.ts'

type Kind = { readonly name: string; readonly at: (nth: number) => Fault }

const once = (code: string): Kind => ({
  name: code,
  at: (nth) => (_, index) => (index === nth ? systemError(code) : null),
})
/** The disk stays full: only what frees space, or takes none, still works. */
const full: Kind = {
  name: 'ENOSPC from there on',
  at: (nth) => (call, index) =>
    index >= nth && ['create', 'write', 'link', 'makeFolder'].includes(call.name)
      ? systemError('ENOSPC')
      : null,
}
const short: Kind = {
  name: 'short write',
  at: (nth) => (call, index) => (index === nth && call.name === 'write' ? 'short' : null),
}
const kinds: readonly Kind[] = [once('ENOSPC'), once('EIO'), once('EACCES'), once('EMFILE'), full, short]

/**
 * Every command that changes the vault, with each of its calls failing in every way. In the short form each call fails in one
 * way that changes from call to call, and every write also short.
 */
export const faults: Proof = {
  number: 3,
  name: 'failing file-system calls',
  async run(run) {
    const lab = createLab()
    const failures = createFailures()
    let calls = 0
    let trials = 0
    let reported = 0
    let tolerated = 0
    try {
      for (const command of commands) {
        run.note(`faults: ${command.name}`)
        const rehearsal = await rehearse(lab, command, run.seed)
        const clean = await rehearsal.perform()
        const total = clean.calls[1] - clean.calls[0]
        calls += total
        for (let nth = 0; nth < total; nth += 1) {
          const isWrite = clean.disk.calls[clean.calls[0] + nth]?.name === 'write'
          for (const kind of chosen(run, nth, isWrite)) {
            const performed = await rehearsal.perform(kind.at(nth))
            trials += 1
            if (performed.error === null) tolerated += 1
            else reported += 1
            // In the short form every fourth process goes on: that costs as much as the command itself.
            const goesOn = run.form === 'full' || nth % 4 === 0
            const wrong =
              (await judge(rehearsal, performed)) ?? (goesOn ? await stillWorks(performed.vault) : null)
            await performed.vault.lock()
            if (wrong !== null)
              failures.add(
                `${command.name}, ${kind.name} at ${told(clean, nth)}: ${wrong} (--only 3 --seed ${run.seed})`,
              )
          }
        }
      }
    } finally {
      lab.remove()
    }
    return {
      line: `${commands.length} commands, ${calls} calls, ${trials} failures injected: ${reported} reported, ${tolerated} without consequence, ${failures.count()} corrupt, silent or wrongly acknowledged`,
      figures: { commands: commands.length, calls, trials, reported, tolerated, failures: failures.count() },
      failures: failures.all(),
    }
  },
}

function chosen(run: Run, nth: number, isWrite: boolean): readonly Kind[] {
  const usual = kinds.filter((kind) => kind !== short)
  const some =
    run.form === 'full' ? usual : usual.filter((_, index) => (nth + run.seed) % usual.length === index)
  return isWrite ? [...some, short] : some
}

function told({ disk, calls }: Performance, nth: number): string {
  const call = disk.calls[calls[0] + nth]
  return `call ${nth} (${call?.name} ${call?.path.replace(/^.*\/home\//, '')})`
}

/** Null when the home is as promised after a command in which a call failed. */
async function judge(
  { command, before, after, look }: Rehearsal,
  performed: Performance,
): Promise<string | null> {
  const { disk, error } = performed
  if (error !== null && !(error instanceof AppError && isErrorCode(error.code)))
    return `reported as no error of ours: ${describeError(error)}`
  const isPromised = error === null && command.acknowledges !== false
  const isAllowed = (seen: Seen): boolean => isSame(seen, after) || (!isPromised && isSame(seen, before))
  const now = await look(settledDisk(disk.state()))
  if (!isAllowed(now)) return `${said(error)}, and then ${brief(now)}`
  const worst = await look(afterPowerCut(disk.state(), nothingPending))
  if (!isAllowed(worst)) return `${said(error)}, and after a power cut ${brief(worst)}`
  return null
}

/**
 * The process goes on with the vault it has: what failed once must not poison it. After a rotation that is on disk and was reported
 * as failed the vault locks itself, as in every other process that holds the old key.
 */
async function stillWorks(vault: Performance['vault']): Promise<string | null> {
  const { state } = await vault.status()
  if (state !== 'unlocked') return null
  try {
    await vault.changeSettings({ hideRevealedMs: 11_000 })
    const { hideRevealedMs } = await vault.settings()
    return hideRevealedMs === 11_000 ? null : 'the next change is lost'
  } catch (error) {
    const code = describeError(error)
    return code === 'locked' ? null : `the next change fails: ${code}`
  }
}

function said(error: unknown): string {
  return error === null ? 'acknowledged' : `reported ${describeError(error)}`
}
