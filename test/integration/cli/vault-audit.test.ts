import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { runCli, runCliAsync } from './run-cli.ts'
import type { CliResult } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'fernsync-audit-'))
const home = join(folder, 'home')
const password = join(folder, 'password')
const log = join(home, 'device', 'audit.jsonl')

const Page = z.object({
  ok: z.boolean(),
  total: z.int(),
  problems: z.array(z.object({ n: z.int().nullable(), what: z.string() })),
  entries: z.array(z.object({ event: z.string(), credential: z.object({ name: z.string() }).nullable() })),
})

function fernsync(args: readonly string[], input = ''): CliResult {
  return runCli(['--home', home, '--password-file', password, ...args], { input })
}

function events(...args: string[]): string[] {
  const { entries } = Page.parse(JSON.parse(fernsync(['vault', 'audit', '--json', ...args]).out))
  return entries.map(({ event, credential }) => `${event} ${credential?.name ?? '-'}`)
}

beforeAll(() => {
  writeFileSync(password, 'correct horse battery\n')
  expect(fernsync(['vault', 'init', '--iterations', '600000']).exit).toBe(0)
  for (const name of ['nas', 'web']) {
    const fields = ['--field', 'host=192.0.2.1', '--field', 'user=ana', '--stdin']
    const added = fernsync(['credential', 'add', name, '--type', 'sftp', ...fields], '{"password":"s3cret"}')
    expect(added.exit).toBe(0)
  }
  expect(fernsync(['credential', 'show', 'nas', '--reveal']).exit).toBe(0)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('vault audit', () => {
  it('lists what other commands did, newest first, of one sign-in on demand', () => {
    expect(events('--limit', '4')).toEqual(['unlocked -', 'revealed nas', 'unlocked -', 'added web'])
    expect(events('--credential', 'nas')).toEqual(['revealed nas', 'added nas'])
    expect(fernsync(['vault', 'audit', '--limit', '1']).out).toMatch(/^\d+ +\S+Z +- +Unlocked\n$/)
  })

  it('ends with 2 for an unknown sign-in or a limit out of range', () => {
    expect(fernsync(['vault', 'audit', '--credential', 'attic']).exit).toBe(2)
    expect(fernsync(['vault', 'audit', '--limit', '0']).exit).toBe(2)
  })

  it('holds every entry of commands that run at once, in one chain', async () => {
    const before = events('--credential', 'nas').length
    const show = ['--home', home, '--password-file', password, 'credential', 'show', 'nas', '--reveal']
    const results = await Promise.all(Array.from({ length: 5 }, () => runCliAsync(show)))
    expect(results.map(({ exit }) => exit)).toEqual([0, 0, 0, 0, 0])
    expect(events('--credential', 'nas').length).toBe(before + 5)
    expect(fernsync(['vault', 'audit', '--verify']).exit).toBe(0)
  })

  it('--verify ends with 0 for a whole record and with 7 once a line was taken out', () => {
    const whole = fernsync(['vault', 'audit', '--verify'])
    expect([whole.exit, whole.out]).toEqual([
      0,
      expect.stringMatching(/^The audit log is whole: \d+ entries\.\n$/),
    ])
    writeFileSync(log, readFileSync(log, 'utf8').split('\n').toSpliced(1, 1).join('\n'))
    const cut = fernsync(['vault', 'audit', '--verify'])
    expect(cut.exit).toBe(7)
    expect(cut.out).toContain('tampered with: at entry 3 the entries before it are gone')
    const listed = fernsync(['vault', 'audit', '--limit', '1'])
    expect([listed.exit, listed.err.includes('tampered')]).toEqual([0, true])
  })
})
