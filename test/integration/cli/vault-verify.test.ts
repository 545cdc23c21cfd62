import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from './run-cli.ts'
import type { CliResult } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'fernsync-verify-'))
const home = join(folder, 'home')
const vaultFile = join(home, 'vault.json')
const password = join(folder, 'password')

function fernsync(...args: string[]): CliResult {
  return runCli(['--home', home, '--password-file', password, ...args])
}

function document(result: CliResult): Record<string, unknown> {
  return JSON.parse(result.out) as Record<string, unknown>
}

beforeAll(() => {
  writeFileSync(password, 'correct horse battery\n')
  expect(fernsync('vault', 'init', '--iterations', '600000').exit).toBe(0)
  for (const name of ['nas', 'web']) {
    const args = [
      'credential',
      'add',
      name,
      '--type',
      'sftp',
      '--field',
      'host=192.0.2.1',
      '--field',
      'user=ana',
    ]
    expect(
      runCli(['--home', home, '--password-file', password, ...args, '--stdin'], {
        input: '{"password":"s3cret"}',
      }).exit,
    ).toBe(0)
  }
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('vault verify', () => {
  it('ends with 0 and its figures when all is intact', () => {
    const text = fernsync('vault', 'verify')
    expect([text.exit, text.out]).toEqual([0, 'All intact: 3 records, 6 tokens, 2 copies intact.\n'])
    const json = fernsync('vault', 'verify', '--json')
    expect(Object.keys(document(json))).toEqual([
      'ok',
      'vault',
      'faults',
      'records',
      'tokens',
      'damaged',
      'local',
      'generations',
      'repaired',
      'keptAs',
    ])
  })

  it('ends with 3 for a wrong password, and with 3 without one', () => {
    const wrong = join(folder, 'wrong')
    writeFileSync(wrong, 'not the password at all')
    const args = ['--home', home, '--json', 'vault', 'verify']
    const results = [runCli(['--password-file', wrong, ...args]), runCli(args)]
    expect(results.map(({ exit }) => exit)).toEqual([3, 3])
    expect(results.map((result) => document(result)['error'])).toMatchObject([
      { code: 'wrong-password' },
      { code: 'locked' },
    ])
  })

  it('ends with 7 and names what is damaged, of a vault that no longer opens; --repair ends with 0 and it opens', () => {
    const before = readFileSync(vaultFile, 'utf8')
    const lines = before.split('\n')
    const nas = lines.findIndex((line) => line.includes('"rev":1') && line.includes('"secret"'))
    lines[nas + 1] = (lines[nas + 1] ?? '').replace(/"token":"gAAAA/g, '"token":"gAAAB')
    writeFileSync(vaultFile, lines.slice(0, -2).join('\n'))
    expect(fernsync('credential', 'list').exit).toBe(7)

    const found = fernsync('vault', 'verify')
    expect(found.exit).toBe(7)
    expect(found.out).toContain('The vault file is cut or broken')
    expect(found.out).toMatch(/nas \(credential\) [0-9a-f-]{36}: can be restored from copy 1/)
    expect(found.out).toContain('--repair')

    const repaired = fernsync('vault', 'verify', '--repair', '--json')
    expect(repaired.exit).toBe(0)
    const report = document(repaired)
    expect(report).toMatchObject({ ok: true, repaired: true })
    const kept = join(home, String(report['keptAs']), 'vault.json')
    expect(readFileSync(kept, 'utf8')).toBe(lines.slice(0, -2).join('\n'))
    expect(fernsync('credential', 'show', 'nas', '--reveal').out).toContain('s3cret')
    expect(fernsync('vault', 'verify').exit).toBe(0)
  })
})
