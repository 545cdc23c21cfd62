import { describe, expect, it } from 'vitest'
import { commandFor } from '../../../main/cli/commands-for-errors.ts'
import { createOutput } from '../../../main/cli/output.ts'
import { runExitCode } from '../../../main/cli/shapes.ts'
import { RemoteError } from '../../../main/core/remote/remote-error.ts'
import { errorMessages } from '../../../main/messages/en/errors.ts'
import { AppError } from '../../../main/model/app-error.ts'
import {
  errorCodes,
  exitCodeOf,
  isErrorCode,
  mostSerious,
  reactionOf,
  remoteErrorTable,
  worstExitCode,
} from '../../../main/model/error-codes.ts'
import type { ErrorCode, RemoteErrorCode } from '../../../main/model/error-codes.ts'
import type { RunSummary } from '../../../main/model/run.ts'
import { describeError, toWireError } from '../../../main/services/error-text.ts'

const documented = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 130, 143]
/** These say all there is to say: the person did it, or the program did something that a page must not. */
const withoutCure: readonly ErrorCode[] = ['cancelled', 'forbidden']

/** What a command that fails with this error prints. */
function printed(error: unknown, json: boolean): { out: string; err: string } {
  const said = { out: '', err: '' }
  const output = createOutput(
    { json, quiet: true, verbose: false },
    { out: (text) => (said.out += text), err: (text) => (said.err += text) },
  )
  output.fail(toWireError(error))
  return said
}

describe('the table of errors', () => {
  it('names exactly the codes that have a sentence', () => {
    expect(Object.keys(errorMessages).sort()).toEqual([...errorCodes].sort())
  })

  it.for(errorCodes)('gives %s a reaction, an exit code, a sentence and a cure', (code) => {
    expect(['retry', 'skip', 'stop']).toContain(reactionOf(code))
    expect(documented).toContain(exitCodeOf(code))
    expect(exitCodeOf(code)).not.toBe(0)
    // What is skipped or tried again is an error of one file; a run goes on, so only the exit codes of runs can come of it.
    if (reactionOf(code) === 'skip') expect(exitCodeOf(code)).toBe(1)
    const { sentence, cure } = errorMessages[code]
    expect(sentence).toMatch(/^[A-Z].*\.$/)
    if (withoutCure.includes(code)) expect(cure).toBeNull()
    else expect(cure).toMatch(/^[A-Z].*\.$/)
  })

  it.for(errorCodes)('prints code, sentence and cure of %s, also with --quiet', (code) => {
    const { sentence, cure } = errorMessages[code]
    const { out, err } = printed(new AppError(code, 'internal words'), true)
    expect(JSON.parse(out)).toMatchObject({ error: { code, message: sentence, help: cure } })
    expect(err).toContain(`${cure === null ? sentence : `${sentence} ${cure}`} [${code}]\n`)
    expect(out + err).not.toContain('internal words')
    expect(printed(new AppError(code, ''), false).out).toBe('')
  })

  it('shows nothing of an error that is not ours', () => {
    const { out, err } = printed(new Error('/home/anna/.ssh: connect ECONNREFUSED'), true)
    expect(out + err).not.toContain('anna')
    expect(describeError(new Error('x'))).toEqual({ code: 'internal', details: {} })
  })

  it('shows the fingerprint of a server and no other word of a connector', () => {
    const error = new RemoteError('untrusted-server', 'secret words', { fingerprint: 'SHA256:abc' })
    const { out, err } = printed(error, true)
    expect(err).toContain('SHA256:abc')
    expect(out + err).not.toContain('secret words')
  })

  it('escapes what others named in the facts of an error', () => {
    const error = new AppError('in-use', 'x', { details: { jobs: 'a\u001b[2Jb' } })
    const { out, err } = printed(error, true)
    expect(err).toContain('jobs: a\\u{1b}[2Jb')
    expect(out).not.toContain('\u001b')
  })
})

describe('worstExitCode', () => {
  const order: readonly ErrorCode[] = [
    'vault-damaged',
    'untrusted-server',
    'auth-failed',
    'locked',
    'guard-stopped',
    'no-space',
    'unreachable',
    'internal',
    'not-found',
  ]

  it('is the first of 7, 5, 4, 3, 6, 11, 8, 10, 1', () => {
    expect(order.map(exitCodeOf)).toEqual([7, 5, 4, 3, 6, 11, 8, 10, 1])
    for (let at = 0; at < order.length; at += 1) {
      expect(worstExitCode(order.slice(at).reverse())).toBe(exitCodeOf(order[at] ?? 'internal'))
    }
  })

  it('is 0 without a reason', () => {
    expect(worstExitCode([])).toBe(0)
    expect(mostSerious([0, 0])).toBe(0)
  })
})

describe('runExitCode', () => {
  const run = (patch: Partial<RunSummary>): RunSummary => ({
    run: '00000000-0000-4000-8000-000000000001',
    job: '00000000-0000-4000-8000-000000000002',
    state: 'partial',
    reason: null,
    copied: 0,
    updated: 0,
    deleted: 0,
    moved: 0,
    conflicts: 0,
    skipped: 0,
    failed: 0,
    bytes: 0,
    durationMs: 0,
    started: '2026-01-01T00:00:00.000Z',
    ended: '2026-01-01T00:00:00.000Z',
    trigger: 'manual',
    plan: null,
    errors: [],
    ...patch,
  })
  const failedFiles = (...codes: RemoteErrorCode[]): RunSummary['errors'] =>
    codes.map((code) => ({ path: 'a', code, message: '' }))

  it('is 0 for a run that is done', () => {
    expect(runExitCode(run({ state: 'done' }))).toBe(0)
  })

  it('is the most serious of the reason and the files', () => {
    const errors = failedFiles('not-found', 'quota-exceeded', 'permission-denied')
    expect(runExitCode(run({ reason: 'not-found', errors }))).toBe(11)
    expect(runExitCode(run({ reason: 'auth-failed', errors }))).toBe(4)
  })

  it('is 1 for a run that is not done and says no reason that this version knows', () => {
    expect(runExitCode(run({ reason: 'code-of-the-future' }))).toBe(1)
  })
})

describe('commandFor', () => {
  it('names what was typed, quoted for a shell', () => {
    const details = { credential: "Anna's nas", fingerprint: 'ssh-ed25519 SHA256:abc' }
    expect(commandFor('unpinned-server', details)).toBe(
      "fernsync credential trust 'Anna'\\''s nas' --host-key SHA256:abc",
    )
  })

  it('has a placeholder where the error does not know the name', () => {
    expect(commandFor('guard-stopped', { plan: null })).toBe('fernsync job run NAME --plan ID --approve')
  })

  it('has none where no command helps', () => {
    expect(commandFor('timeout', {})).toBeNull()
  })
})

describe('remoteErrorTable', () => {
  it('holds codes of the one table', () => {
    for (const code of Object.keys(remoteErrorTable)) expect(isErrorCode(code)).toBe(true)
    expect(isErrorCode('toString')).toBe(false)
  })
})
