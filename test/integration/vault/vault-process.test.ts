import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openHome } from '../../../main/adapters/home-folder.ts'
import { createNodeWorkerHost } from '../../../main/adapters/node-worker-host.ts'
import { fromUtf8, utf8 } from '../../../main/core/crypto/bytes.ts'
import type { ChildProcess } from '../../../main/core/ports/worker-host.ts'
import { createVaultClient } from '../../../main/core/vault/vault-client.ts'
import type { VaultClient } from '../../../main/core/vault/vault-client.ts'
import { seededVault } from '../../fixtures/vault-seed.ts'
import { tempFolder } from '../../helpers/temp-home.ts'
import { raiseEpoch, tampered } from '../../unit/core/vault/tamper.ts'

const ENTRY = join(import.meta.dirname, '../../../main/vault-process/main.ts')
const PASSWORD = 'correct horse battery'
const draft = { type: 'sftp' as const, fields: { host: 'h' }, hostKey: null, tags: [] }

function start(home: string): { client: VaultClient; child: ChildProcess; lines: string[] } {
  const lines: string[] = []
  const note = (event: string): void => void lines.push(event)
  const entries = { worker: '', 'vault-process': ENTRY, 'keychain-helper': '', 'import-process': '' }
  const host = createNodeWorkerHost({ entries, environment: process.env })
  const child = host.start('vault-process', { FERNSYNC_HOME: home })
  const client = createVaultClient(child, { info: note, warn: note, error: note })
  onTestFinished(() => client.end())
  return { client, child, lines }
}

async function newHome(): Promise<string> {
  return openHome(await tempFolder()).path
}

async function codeOf(promise: Promise<unknown>): Promise<string | null> {
  return promise.then(
    () => null,
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'other'),
  )
}

describe('the vault process', () => {
  it('adds many sign-ins in one call and answers all of them', async () => {
    const { client } = start(await newHome())
    await client.init(utf8(PASSWORD), { iterations: 600_000 })
    const names = Array.from({ length: 450 }, (_, n) => `n${n}`)
    const added = await client.addCredentials(
      names.map((name) => ({ draft: { ...draft, name }, secrets: { password: utf8('s') } })),
    )
    expect(added.map(({ name }) => name)).toEqual(names)
  })

  it('answers like a vault in this process, with codes and details of its errors', async () => {
    const { client } = start(await newHome())
    const password = utf8(PASSWORD)
    await client.init(password, { iterations: 600_000 })
    const { id } = await client.addCredential({ ...draft, name: 'nas' }, { password: utf8('s3cret') })
    const options = { agentKey: new Uint8Array(32).fill(7), notAfter: Date.now() + 60_000 }
    const grant = await client.grantCredential(id, options)
    expect([
      (await client.status()).state,
      (await client.listCredentials()).map(({ name }) => name),
      fromUtf8(await client.revealSecret(id, 'password')),
      grant.agent === (await client.deviceId()),
      await codeOf(client.revealSecret(id, 'none')),
      await codeOf(client.addCredential({ ...draft, name: 'NAS' }, {})),
      await client.changeSettings({ lockAfterIdleMs: null }),
      [...password, ...options.agentKey].every((byte) => byte === 0),
    ]).toEqual([
      'unlocked',
      ['nas'],
      's3cret',
      true,
      'unknown-name',
      'name-taken',
      {
        lockAfterIdleMs: null,
        lockAfterSessionMs: 43_200_000,
        lockAfterClosedMs: 300_000,
        lockOnScreenLock: true,
        lockOnSuspend: true,
        clearClipboardMs: 20_000,
        hideRevealedMs: 30_000,
      },
      true,
    ])
  })

  it('is the lock: when it ends, calls in flight and later ones answer locked, and what was acknowledged is there', async () => {
    const home = await newHome()
    const first = start(home)
    await first.client.init(utf8(PASSWORD), { iterations: 600_000 })
    await first.client.addCredential({ ...draft, name: 'kept' }, { password: utf8('s') })
    const inFlight = Promise.all(
      Array.from({ length: 5 }, (_, n) =>
        codeOf(first.client.addCredential({ ...draft, name: `n${n}` }, {})),
      ),
    )
    const gone = new Promise<void>((resolve) => first.client.onGone(resolve))
    await first.client.end()
    await gone
    const secret = utf8('given to nobody')
    const later = await codeOf(first.client.addCredential({ ...draft, name: 'later' }, { password: secret }))
    expect([(await inFlight).at(-1), later, secret.every((byte) => byte === 0)]).toEqual([
      'locked',
      'locked',
      true,
    ])

    const second = start(home)
    expect((await second.client.status()).state).toBe('locked')
    await second.client.unlock({ password: utf8(PASSWORD) }, {})
    expect((await second.client.listCredentials()).map(({ name }) => name)).toContain('kept')
  })

  it('answers only the methods of the vault, and only with arguments of their shape', async () => {
    const { child, client } = start(await newHome())
    const answers: unknown[] = []
    child.onMessage((message) => answers.push(message))
    const requests = [
      { id: 101, method: 'constructor', args: [] },
      { id: 102, method: '__proto__', args: [] },
      { id: 103, method: 'unlock', args: [{ password: 'text' }, {}] },
      { id: 104, method: 'unlock', args: [] },
      { id: 105, method: 'addJob', args: [{ name: 1 }] },
    ]
    for (const request of requests) child.post(request)
    await client.status()
    const expected = requests.map(({ id }) => ({ type: 'error', id, error: { code: 'bad-request' } }))
    expect(answers.slice(0, 5)).toMatchObject(expected)
  })

  it('passes on 10,000 credentials in parts', async () => {
    const home = await newHome()
    await writeFile(join(home, 'vault.json'), await seededVault(PASSWORD, 10_000), { mode: 0o600 })
    const { client, lines } = start(home)
    const started = performance.now()
    await client.unlock({ password: utf8(PASSWORD) }, {})
    const unlocked = performance.now()
    const listed = await client.listCredentials()
    const ms = (time: number): string => `${Math.round(time)} ms`
    console.log(
      `10,000 credentials: unlock ${ms(unlocked - started)}, list ${ms(performance.now() - unlocked)}`,
    )
    expect([listed.length, new Set(listed.map(({ name }) => name)).size, lines]).toEqual([10_000, 10_000, []])
  })

  it('keeps its memory out of core dumps and its debugger closed', async () => {
    const { client, child } = start(await newHome())
    await client.status()
    const sockets = (): string[] =>
      readdirSync(`/proc/${child.pid}/fd`)
        .map((fd) => readlinkSync(`/proc/${child.pid}/fd/${fd}`))
        .filter((target) => target.startsWith('socket:'))
    const before = sockets()
    process.kill(child.pid ?? 0, 'SIGUSR1')
    // Time for Node's debugger to listen, if it were going to.
    for (let n = 0; n < 50; n += 1) await client.status()
    expect(sockets()).toEqual(before)
    expect(readFileSync(`/proc/${child.pid}/coredump_filter`, 'utf8').trim()).toBe('00000000')
  })

  it('holds neither password nor secret in its arguments or environment', async () => {
    const { client, child } = start(await newHome())
    await client.init(utf8('canary password'), { iterations: 600_000 })
    await client.addCredential({ ...draft, name: 'canary' }, { password: utf8('canary secret') })
    const read = (file: string): string => readFileSync(`/proc/${child.pid}/${file}`, 'utf8')
    expect(read('cmdline') + read('environ')).not.toContain('canary')
  })

  it('ends by itself when the vault closed itself: its file is under another key now', async () => {
    const home = await newHome()
    const { client, child } = start(home)
    const gone = new Promise<string>((resolve) => {
      client.onGone(() => {
        resolve('gone')
      })
    })
    await client.init(utf8(PASSWORD), { iterations: 600_000 })
    const path = join(home, 'vault.json')
    const rekeyed = tampered(await readFile(path, 'utf8'), (vault) => {
      raiseEpoch(vault)
      vault.vkGen += 1
    })
    await writeFile(path, rekeyed)
    expect(await codeOf(client.listCredentials())).toBe('locked')
    expect(await gone).toBe('gone')
    expect(() => process.kill(child.pid ?? 0, 0)).toThrow('ESRCH')
  })

  it('answers locked and lives on as long as it was never open', async () => {
    const home = await newHome()
    const first = start(home)
    await first.client.init(utf8(PASSWORD), { iterations: 600_000 })
    await first.client.end()
    const { client } = start(home)
    // The derivation of an unlock takes longer than the process would take to leave.
    expect([
      await codeOf(client.listCredentials()),
      await codeOf(client.unlock({ password: utf8('another password') }, {})),
      await codeOf(client.unlock({ password: utf8(PASSWORD) }, {})),
      await client.listCredentials(),
    ]).toEqual(['locked', 'wrong-password', null, []])
  })

  it('ends when its parent is killed', async () => {
    const home = await newHome()
    const script = join(import.meta.dirname, 'orphan.ts')
    const parent = spawn(process.execPath, [script, ENTRY, home], { stdio: ['ignore', 'pipe', 'inherit'] })
    const printed: unknown[] = await once(parent.stdout, 'data')
    const pid = Number(String(printed[0]))
    parent.kill('SIGKILL')
    const isAlive = (): boolean => {
      try {
        return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
      } catch {
        return false
      }
    }
    await expect.poll(isAlive, { timeout: 10_000 }).toBe(false)
  })
})
