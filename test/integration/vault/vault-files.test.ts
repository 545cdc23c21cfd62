import { spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { openHome } from '../../../main/adapters/home-folder.ts'
import { createNodeVault } from '../../../main/adapters/node-vault.ts'
import { fromUtf8, utf8 } from '../../../main/core/crypto/bytes.ts'
import type { VaultApi } from '../../../main/core/vault/vault-api.ts'
import { tempFolder } from '../../helpers/temp-home.ts'
import { quickDerive } from '../../helpers/quick-derive.ts'

const PASSWORD = 'correct horse battery'
/** Each step of a write twice; the proof of kills has hundreds. */
const KILLS = 12
const silent = { info: () => {}, warn: () => {}, error: () => {} }

function open(home: string): VaultApi {
  return createNodeVault({
    home,
    log: silent,
    derive: quickDerive,
  })
}

async function newHome(): Promise<string> {
  const home = openHome(await tempFolder()).path
  const vault = open(home)
  await vault.init(utf8(PASSWORD), { iterations: 600_000 })
  await vault.lock()
  return home
}

/** What the acknowledged lines of a writer promise: name -> secret, null = removed. */
type Promised = Map<string, string | null>

/** So many acknowledged changes and then milliseconds: a busy machine makes fewer in the same time. */
type Kill = { readonly changes: number; readonly ms: number }

/** Runs a writer; kills it with SIGKILL, or lets it finish. */
async function write(home: string, prefix: string, count: number, killAfter: Kill | null): Promise<Promised> {
  const script = join(import.meta.dirname, 'writer.ts')
  const child = spawn(process.execPath, [script, home, prefix, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const promised: Promised = new Map()
  let kill: NodeJS.Timeout | null = null
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  let lines = 0
  for await (const line of createInterface({ input: child.stdout })) {
    const [verb = '', name = '', ...secret] = line.split(' ')
    // The first line says only that it begins.
    if (lines === killAfter?.changes) kill = setTimeout(() => child.kill('SIGKILL'), killAfter.ms)
    lines += 1
    if (verb === 'add' || verb === 'edit') promised.set(name, secret.join(' '))
    if (verb === 'remove') promised.set(name, null)
  }
  await ended
  if (kill !== null) clearTimeout(kill)
  return promised
}

async function contents(vault: VaultApi): Promise<Map<string, string>> {
  const held = new Map<string, string>()
  for (const { id, name } of await vault.listCredentials()) {
    held.set(name, fromUtf8(await vault.revealSecret(id, 'password')))
  }
  return held
}

/** What may be on disk for the last line of a killed writer: that, or the change it was about to acknowledge. */
function possible(name: string, secret: string | null): (string | null)[] {
  const number = Number(name.slice(name.indexOf('-') + 1))
  if (secret === null) return [null]
  return [secret, ...(number % 2 === 0 ? [`second ${number}`] : []), ...(number % 3 === 0 ? [null] : [])]
}

describe('the vault on disk', () => {
  it(`loses no acknowledged change in ${KILLS} kills of a writing process`, async () => {
    const home = await newHome()
    const vault = open(home)
    let acknowledged = 0
    for (let round = 0; round < KILLS; round += 1) {
      // Spread over the steps of a write, which takes a few milliseconds; the last one may be on disk without its line.
      const promised = await write(home, `r${round}`, 1000, { changes: round % 6, ms: (round * 37) % 30 })
      acknowledged += promised.size
      await vault.unlock({ password: utf8(PASSWORD) }, {})
      const held = await contents(vault)
      const last = [...promised.keys()].at(-1)
      for (const [name, secret] of promised) {
        const allowed = name === last ? possible(name, secret) : [secret]
        expect({ name, held: allowed.includes(held.get(name) ?? null) }).toEqual({ name, held: true })
      }
      for (const { id, name } of await vault.listCredentials()) {
        if (name.startsWith(`r${round}-`)) await vault.removeCredential(id)
      }
      await vault.lock()
    }
    expect(acknowledged).toBeGreaterThan(KILLS)
    const left = (await readdir(home, { recursive: true })).filter((name) => name.endsWith('.tmp'))
    expect(left).toEqual([])
  }, 300_000)

  it('loses no update of two processes that write at once', async () => {
    const home = await newHome()
    const [left, right] = await Promise.all([write(home, 'left', 18, null), write(home, 'right', 18, null)])
    const vault = open(home)
    await vault.unlock({ password: utf8(PASSWORD) }, {})
    const expected = [...left, ...right].filter((entry): entry is [string, string] => entry[1] !== null)
    expect(await contents(vault)).toEqual(new Map(expected))
    const file: unknown = JSON.parse(await readFile(join(home, 'vault.json'), 'utf8'))
    // One write for init, and one for each of 18 adds, 9 edits and 6 removals of either.
    expect(file).toMatchObject({ epoch: 1 + 2 * (18 + 9 + 6) })
  })

  it('leaves only the files it names, readable by their owner alone', async () => {
    const home = await newHome()
    await write(home, 'a', 4, null)
    const names = await readdir(home, { recursive: true })
    expect(names.filter((name) => !name.startsWith('device/logs')).sort()).toEqual([
      'device',
      'device/audit-head.json',
      'device/audit.jsonl',
      'device/device.json',
      'device/grants',
      'device/jobs',
      'device/local.json',
      'device/local.json.1',
      'device/locks-audit.pid',
      'device/locks-audit.sqlite',
      'device/locks-kdf.pid',
      'device/locks-kdf.sqlite',
      'device/locks.pid',
      'device/locks.sqlite',
      'vault.json',
      'vault.json.1',
      'vault.json.2',
      'vault.json.3',
    ])
    const modes = names.map((name) => statSync(join(home, name)).mode & 0o077)
    expect(new Set(modes)).toEqual(new Set([0]))
  })
})
