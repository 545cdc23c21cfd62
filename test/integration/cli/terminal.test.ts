import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { describe, expect, it, onTestFinished } from 'vitest'
import { tempFolder } from '../../helpers/temp-home.ts'
import { cliCommand, python } from './cli-command.ts'
import { startHostileSftp } from '../../servers/hostile-sftp.ts'
import { runCli, runCliAsync } from './run-cli.ts'

const password = 'correct horse battery'
const prompt = 'Master password: '

type Step = { see?: string; send?: string; echo?: boolean; signal?: string }
type OnTerminal = { args: readonly string[]; home: string; steps: readonly Step[]; stdin?: string }

const Report = z.object({ shown: z.string(), exit: z.int(), out: z.string(), echo: z.boolean() })

/** Runs one command with a person at a terminal of its own. */
function onTerminal({ args, home, steps, stdin }: OnTerminal): Promise<z.infer<typeof Report>> {
  const helper = spawn(python(), [join(import.meta.dirname, 'on-terminal.py')])
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, FERNSYNC_HOME: home }
  const argv = [...cliCommand(), '--allow-slow-kdf', ...args]
  helper.stdin.end(JSON.stringify({ argv, env, steps, ...(stdin === undefined ? {} : { stdin }) }))
  let out = ''
  let err = ''
  helper.stdout.on('data', (chunk) => (out += String(chunk)))
  helper.stderr.on('data', (chunk) => (err += String(chunk)))
  return new Promise((resolve, reject) => {
    helper.on('close', (code) => {
      if (code === 0) resolve(Report.parse(JSON.parse(out)))
      else reject(new Error(err))
    })
  })
}

async function homeWithVault(): Promise<string> {
  const home = await tempFolder()
  const file = join(home, 'password')
  writeFileSync(file, password)
  const made = runCli(['--password-file', file, 'vault', 'init', '--iterations', '600000'], {
    env: { FERNSYNC_HOME: home },
  })
  expect(made.exit, made.err).toBe(0)
  return home
}

function failuresOf(home: string): number {
  const device = z.object({ throttle: z.object({ failures: z.int() }) })
  return device.parse(JSON.parse(readFileSync(join(home, 'device', 'device.json'), 'utf8'))).throttle.failures
}

describe('the password prompt', { timeout: 120_000 }, () => {
  it('asks on the terminal without echo, although stdin is a pipe with something else in it', async () => {
    const home = await homeWithVault()
    const report = await onTerminal({
      args: ['credential', 'list', '--json'],
      home,
      stdin: 'not the password\n',
      steps: [{ see: prompt, echo: false }, { send: `${password}\r` }],
    })
    expect(report).toMatchObject({ exit: 0, echo: true })
    expect(JSON.parse(report.out)).toEqual({ credentials: [] })
    expect(report.shown).not.toContain(password)
  })

  it('takes back characters, and a whole line with Ctrl-U', async () => {
    const home = await homeWithVault()
    const send = `rubbish\u0015${password}é!\u007f\u007f\r`
    const report = await onTerminal({
      args: ['credential', 'list'],
      home,
      steps: [{ see: prompt }, { echo: false, send }],
    })
    expect(report.exit).toBe(0)
  })

  it('allows three tries, then ends with 3; each try is one derivation', async () => {
    const home = await homeWithVault()
    const wrong: Step[] = [{ see: prompt }, { echo: false }, { send: 'wrong password\r' }]
    const again: Step[] = [{ see: 'That password is wrong.' }, ...wrong]
    const report = await onTerminal({
      args: ['credential', 'list'],
      home,
      steps: [...wrong, ...again, ...again],
    })
    expect(report).toMatchObject({ exit: 3, echo: true })
    expect(report.shown).toContain('[wrong-password]')
    expect(failuresOf(home)).toBe(3)
  })

  it('counts down while throttled, and then asks again', async () => {
    const home = await homeWithVault()
    const device = join(home, 'device', 'device.json')
    const state = z.looseObject({}).parse(JSON.parse(readFileSync(device, 'utf8')))
    // Five failures stand for a pause of four seconds; a minute ahead starts it anew at the first attempt.
    const throttle = { failures: 5, since: Date.now() + 60_000 }
    writeFileSync(device, JSON.stringify({ ...state, throttle }))
    const report = await onTerminal({
      args: ['credential', 'list'],
      home,
      steps: [
        { see: prompt },
        { echo: false },
        { send: `${password}\r` },
        { see: 'Next try in ' },
        { see: prompt },
        { echo: false },
        { send: `${password}\r` },
      ],
    })
    expect(report.shown).toMatch(/Too many wrong passwords\. Next try in \d+ s\./)
    expect(report.exit).toBe(0)
  })

  it('ends with 130 on Ctrl-C and gives the terminal back as it was', async () => {
    const home = await homeWithVault()
    const report = await onTerminal({
      args: ['credential', 'list'],
      home,
      steps: [{ see: prompt }, { echo: false }, { send: 'half a pass\u0003' }],
    })
    expect(report).toMatchObject({ exit: 130, echo: true })
    expect(report.shown).not.toContain('locked')
    expect(failuresOf(home)).toBe(0)
  })

  it('ends with 3 when the person gives up with Ctrl-D', async () => {
    const home = await homeWithVault()
    const report = await onTerminal({
      args: ['credential', 'list'],
      home,
      steps: [{ see: prompt }, { echo: false }, { send: '\u0004' }],
    })
    expect(report).toMatchObject({ exit: 3, echo: true })
  })

  it('asks twice for a new password and refuses two that differ', async () => {
    const home = await tempFolder()
    const first: Step[] = [{ see: 'New master password: ' }, { echo: false }, { send: `${password}\r` }]
    const second = (text: string): Step[] => [
      { see: 'The same again: ' },
      { echo: false },
      { send: `${text}\r` },
    ]
    const args = ['vault', 'init', '--iterations', '600000']
    const differ = await onTerminal({ args, home, steps: [...first, ...second(`${password}?`)] })
    expect(differ.exit).toBe(2)
    const made = await onTerminal({ args, home, steps: [...first, ...second(password)] })
    expect(made.exit).toBe(0)
    expect(made.shown + differ.shown).not.toContain(password)
    const opened = await onTerminal({
      args: ['credential', 'list'],
      home,
      steps: [{ see: prompt }, { echo: false }, { send: `${password}\r` }],
    })
    expect(opened.exit).toBe(0)
  })
})

describe('Ctrl-C during a run', { timeout: 120_000 }, () => {
  it('ends it at a clean point with 130, although the worker gets the signal too', async () => {
    const server = await startHostileSftp('hang')
    onTestFinished(() => server.stop())
    const { fields, secrets, hostKey } = server.config
    const home = await homeWithVault()
    const target = await tempFolder()
    const local = join(target, 'local')
    mkdirSync(local)
    writeFileSync(join(target, 'secret'), secrets['password'] ?? '')
    const open = ['--password-file', join(home, 'password'), '--allow-slow-kdf', '--home', home]
    const options = Object.entries(fields).flatMap(([name, value]) => ['--field', `${name}=${value}`])
    const secret = ['--secret-file', `password=${join(target, 'secret')}`]
    const pin = ['--trust-host-key', hostKey ?? '']
    const where = ['--local', local, '--remote', '/', '--mode', 'copy', '--direction', 'pull']
    for (const args of [
      ['credential', 'add', 'c', '--type', 'sftp', ...options, ...secret, ...pin],
      ['job', 'add', 'j', '--credential', 'c', ...where],
    ]) {
      const { exit, err } = await runCliAsync([...open, ...args])
      expect(exit, err).toBe(0)
    }
    const report = await onTerminal({
      args: [...open, '--json', '--verbose', 'job', 'run', 'j'],
      home,
      steps: [{ see: 'transferring: ' }, { send: '\u0003' }],
    })
    expect(report.exit).toBe(130)
    expect(JSON.parse(report.out)).toMatchObject({ state: 'cancelled', reason: 'cancelled' })
    expect(readdirSync(local, { recursive: true }).filter((name) => String(name).endsWith('.part'))).toEqual(
      [],
    )
  })
})

describe('vault recovery add', { timeout: 120_000 }, () => {
  it('shows the key on the terminal alone, and does not store one that was typed back wrongly', async () => {
    const home = await homeWithVault()
    const report = await onTerminal({
      args: ['vault', 'recovery', 'add', '--json'],
      home,
      stdin: 'not the password\n',
      steps: [
        { see: prompt },
        { send: `${password}\r` },
        { see: 'Type group' },
        { send: '0000\r' },
        { see: 'Type group' },
        { send: '0000\r' },
      ],
    })
    expect(report.shown).toMatch(/([0-9A-HJKMNP-TV-Z]{4}-){8}[0-9A-HJKMNP-TV-Z]{4}/)
    expect([report.exit, JSON.parse(report.out)]).toMatchObject([
      2,
      { error: { code: 'recovery-key-mistyped' } },
    ])
    const { out } = runCli(['--json', 'vault', 'slots'], { env: { FERNSYNC_HOME: home } })
    const Slots = z.object({ slots: z.array(z.object({ type: z.string() })) })
    expect(Slots.parse(JSON.parse(out)).slots).toEqual([{ type: 'password' }])
  })
})
