// Nothing secret is readable outside the vault: not in a file, not in what is printed, not in any process's arguments or
// environment - while unlocked, during a run, after failed runs, locked, and after the end.
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  createLeakScanner,
  familyOf,
  makeCanary,
  makeHostCanary,
  type Canaries,
  type Leak,
  type LeakScanner,
} from '../helpers/leak-scanner.ts'
import { makeTree } from '../helpers/tree.ts'
import { isRoot, startOpenSsh, type OpenSshServer } from '../servers/openssh.ts'
import { processTree } from '../servers/processes.ts'
import type { Page } from '@playwright/test'
import { expect, test, type Home, type RunningApp } from './fixture.ts'
import { heapOfMain, heapOfPage } from './heap.ts'
import * as person from './person.ts'
import { addJob, addServer, addServerWithKeyFile } from './setup.ts'
import { requireKeyFile } from './ways-in-steps.ts'

/** One canary for everything that must not be readable. Job names, schedules and relative file names may be. */
function canariesFor(server: OpenSshServer) {
  return {
    'master password': makeCanary(),
    'wrong master password': makeCanary(),
    'server password': server.password ?? '',
    'wrong server password': makeCanary(),
    'private key': lineOf(server.encryptedKey),
    'key file of a server': lineOf(server.privateKey),
    'key passphrase': server.passphrase,
    'wrong key passphrase': makeCanary(),
    // The part after the prefix that marks users made for tests.
    user: server.user.slice(-24),
    'unknown user': makeCanary({ plain: true }),
    host: server.host,
    'unknown host': makeHostCanary(),
    'name of a server': makeCanary(),
    'name of another': makeCanary(),
  }
}

/** A whole line of what a key in PEM holds, which is at least 64 characters; the first says only of which kind it is. */
function lineOf(key: Buffer): string {
  return (
    key
      .toString()
      .split('\n')
      .filter((line) => /^[\w+/]{64,}$/.test(line))
      .at(-1) ?? ''
  )
}

/** What a key file of the vault holds, as the text it is written in and as the key itself. */
function keyFileCanaries(file: string) {
  const text = readFileSync(file, 'utf8').split(' ')[1] ?? ''
  return { 'key file of the vault': text, 'key in the key file': Buffer.from(text, 'base64url') }
}

/** Writes every form of every canary into files of its own, and finds each; without this, 0 hits would mean nothing. */
function proveScanner(scanner: LeakScanner, home: Home): void {
  const folders = [home.data, path.join(home.data, 'device/chromium'), home.temp, home.user]
  for (const folder of folders) {
    const planted = path.join(folder, 'planted')
    mkdirSync(planted, { recursive: true })
    scanner.forms.forEach(({ bytes }, index) =>
      writeFileSync(path.join(planted, String(index)), Buffer.concat([randomBytes(index % 9), bytes])),
    )
    const found = scanner.inFolder(home.root)
    scanner.forms.forEach(({ canary, name }, index) =>
      expect(found).toContainEqual({
        where: path.join(planted, String(index)),
        canary,
        form: familyOf(name),
      }),
    )
    rmSync(planted, { recursive: true })
  }
}

/** Puts a canary into the memory of main and of the page, and finds it in both. */
async function proveHeaps(
  scanner: LeakScanner,
  { app }: RunningApp,
  page: Page,
  { snapshot, canary }: { readonly snapshot: string; readonly canary: string },
): Promise<void> {
  const keep = (text: string | null): void => {
    Object.assign(globalThis, { planted: text })
  }
  await app.evaluate((_electron, text) => Object.assign(globalThis, { planted: text }) && null, canary)
  await page.evaluate(keep, canary)
  expect(scanner.inBytes('main', await heapOfMain(app, snapshot)).length).toBeGreaterThan(0)
  expect(scanner.inBytes('page', await heapOfPage(page)).length).toBeGreaterThan(0)
  await app.evaluate(() => Object.assign(globalThis, { planted: null }) && null)
  await page.evaluate(keep, null)
}

/** All that opens something; people see names, hosts and users of the open vault in the page. */
const isSecret = ({ canary }: Leak): boolean => /password|passphrase|key/.test(canary)

/**
 * What processes told each other, where it can be listened to: main may tell a page and hear from the vault what a person asked to
 * see, and a worker gets what it needs sealed.
 */
function expectQuietWires(scanner: LeakScanner, folder: string, shown: string): void {
  const wires = readdirSync(folder)
  expect(wires).toEqual(expect.arrayContaining(['page', 'from-fernsync-vault-process', 'to-fernsync-worker']))
  const found = wires.flatMap((name) => scanner.inBytes(name, readFileSync(path.join(folder, name))))
  // A password goes down to the vault that it opens, or that keeps it; it does not come back.
  const heard = found.filter(({ where }) => where !== 'to-fernsync-vault-process')
  // The vault made the key file, which main wrote to the stick.
  const made = ({ canary, where }: Leak): boolean =>
    canary.includes('key file') && where === 'from-fernsync-vault-process' && !canary.includes('server')
  const secrets = heard.filter((leak) => isSecret(leak) && !made(leak))
  expect(secrets.filter(({ canary }) => canary !== shown)).toEqual([])
  expect(new Set(secrets.map(({ where }) => where))).toEqual(new Set(['page', 'from-fernsync-vault-process']))
  expect(heard.filter(({ where }) => where.endsWith('worker'))).toEqual([])
}

/** Everything the app writes, prints or starts, searched once. */
function searchAll(scanner: LeakScanner, home: Home, started: RunningApp) {
  return [
    ...scanner.inFolder(home.root),
    ...scanner.inBytes('stdout', Buffer.from(started.stdout())),
    ...scanner.inBytes('stderr', Buffer.from(started.stderr())),
    ...processTree(started.pid).flatMap((pid) => scanner.inProcess(pid)),
  ]
}

test('no canary is found anywhere, at any time', async ({ launch, home, mode }) => {
  test.setTimeout(240_000)
  test.skip(!isRoot, 'one canary is the password of a server, which only root can set')
  const server = await startOpenSsh()
  const canaries = canariesFor(server)
  const wires = test.info().outputPath('wires')
  mkdirSync(wires, { recursive: true })
  const started = await launch({ env: { STANDIN_IPC_TRACE: wires } })

  let page = await person.createVault(started, canaries['master password'])
  // Both lie outside of what is searched, as on a stick.
  const keyFile = test.info().outputPath('vault.keyfile')
  const serverKey = test.info().outputPath('server.key')
  writeFileSync(serverKey, server.privateKey)
  await requireKeyFile(started, page, { file: keyFile, password: canaries['master password'] })
  const all: Canaries = { ...canaries, ...keyFileCanaries(keyFile) }
  for (const [name, canary] of Object.entries(all)) {
    // An address, and what Linux allows for a user; a key file has 32 bytes.
    const least = { host: 9, user: 24, 'key file of the vault': 43, 'key in the key file': 32 }[name] ?? 64
    expect(Buffer.from(canary).length, name).toBeGreaterThanOrEqual(least)
  }
  const scanner = createLeakScanner(all)
  const expectNothing = (when: string): void => expect(searchAll(scanner, home, started), when).toEqual([])
  proveScanner(scanner, home)
  // Enough to stop the server in the middle of a run. Outside of the home, whose every byte is searched again and again.
  const files = test.info().outputPath('files')
  makeTree(
    files,
    Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}.bin`, randomBytes(5_000_000)])),
  )

  await test.step('unlocked, a server typed in, its password shown and copied', async () => {
    await person.goTo(page, '/welcome')
    await page.getByRole('button', { name: 'Add your first server' }).click()
    await person.enterAddress(page, server)
    await page.getByLabel('Name in Fernsync').fill(canaries['name of a server'])
    await page.getByRole('textbox', { name: 'Password' }).fill(canaries['server password'])
    await page.getByLabel('It is the same; I trust this server').check()
    await page.getByRole('button', { name: 'Test and save' }).click()
    await expect(page.getByRole('button', { name: 'Choose folder…' })).toBeVisible()
    await page.getByRole('link', { name: 'Servers' }).click()
    await page.getByRole('link', { name: canaries['name of a server'] }).click()
    await page.getByRole('button', { name: 'Show' }).first().click()
    await expect(page.getByText(canaries['server password'])).toBeVisible()
    await page.getByRole('button', { name: 'Copy' }).first().click()
    await expect(page.getByText(/The clipboard is cleared in/)).toBeVisible()
    expectNothing('unlocked')
  })

  await test.step('during a run that signs in with a key', async () => {
    const credential = await addServer(page, server, {
      name: canaries['name of another'],
      secrets: { privateKey: server.encryptedKey.toString(), passphrase: server.passphrase },
    })
    await addJob(started, page, { name: 'Files', credential, local: files, schedule: 'every:1h' })
    await person.goTo(page, '/jobs')
    await person.recordProgress(page)
    await page.getByRole('button', { name: 'Run now: Files' }).click()
    await person.waitForProgress(page, 'transferring')
    server.signal('SIGSTOP')
    expect(await person.childPids(started, 'worker')).toHaveLength(1)
    expectNothing('during a run')
    server.signal('SIGCONT')
    await expect.poll(async () => (await person.history(page))[0]?.state, { timeout: 30_000 }).toBe('done')
  })

  await test.step('after failed runs', async () => {
    const wrong = { password: canaries['wrong server password'] }
    const foreign = `SHA256:${randomBytes(32).toString('base64').replace('=', '')}`
    const broken = [
      ['Wrong password', { secrets: wrong }, 'auth-failed'],
      ['Unknown user', { user: canaries['unknown user'] }, 'auth-failed'],
      [
        'Wrong passphrase',
        {
          secrets: {
            privateKey: server.encryptedKey.toString(),
            passphrase: canaries['wrong key passphrase'],
          },
        },
        'auth-failed',
      ],
      ['Changed host key', { hostKey: foreign }, 'untrusted-server'],
      ['Unknown host', { host: canaries['unknown host'] }, 'unreachable'],
    ] as const
    for (const [name, setup] of broken) {
      const credential = await addServer(page, server, { name: `${name} ${makeCanary()}`, ...setup })
      await addJob(started, page, { name, credential, local: files, remote: name })
      await page.getByRole('button', { name: `Run now: ${name}` }).click()
    }
    const withFile = await addServerWithKeyFile(started, page, server, {
      name: 'With a key file',
      file: serverKey,
    })
    await addJob(started, page, { name: 'By key file', credential: withFile, local: files, remote: 'by-key' })
    const reasons = async () => (await person.history(page)).map(({ reason }) => reason).filter(Boolean)
    await expect.poll(async () => (await reasons()).length, { timeout: 30_000 }).toBe(broken.length)
    expect((await reasons()).sort()).toEqual(broken.map(([, , reason]) => reason).sort())
    expectNothing('after failed runs')
  })

  await test.step('five seconds after the lock, in the memory of page and main', async () => {
    const snapshot = test.info().outputPath('main.heapsnapshot')
    await proveHeaps(scanner, started, page, { snapshot, canary: canaries['unknown user'] })
    page = await person.lock(started, page)
    await page.waitForTimeout(5_000)
    expect(scanner.inBytes('heap of the page', await heapOfPage(page))).toEqual([])
    expect(scanner.inBytes('heap of main', await heapOfMain(started.app, snapshot))).toEqual([])
    expect(await person.childPids(started, 'vault-process')).toEqual([])
    if (mode === 'real')
      console.log('NOT SEARCHED: messages between the processes, which only the stand-in writes down')
    else expectQuietWires(scanner, wires, 'server password')
  })

  await test.step('locked, after a wrong password', async () => {
    await person.answerDialog(started, keyFile)
    await page.getByRole('button', { name: /^Key file/ }).click()
    await page.getByLabel('Master password').fill(canaries['wrong master password'])
    await page.getByRole('button', { name: 'Unlock' }).click()
    await expect(page.getByText('The password or the key file is wrong.')).toBeVisible()
    expectNothing('locked')
  })

  await test.step('after a crash of the process that holds the key', async () => {
    page = await person.unlock(started, canaries['master password'])
    const [vault = 0] = await person.childPids(started, 'vault-process')
    expect(vault).toBeGreaterThan(0)
    // As V8 ends itself; what it has to say about that must not be more than that.
    process.kill(vault, 'SIGABRT')
    await person.unlockWindow(started)
    expectNothing('after a crash')
  })

  await started.close()
  expectNothing('after the end')
  await server.stop()
})
