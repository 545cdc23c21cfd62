import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createNodeWorkerHost } from '../../../main/adapters/node-worker-host.ts'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import { createVaultClient } from '../../../main/core/vault/vault-client.ts'
import { silent } from './lab.ts'

const root = join(import.meta.dirname, '../../..')

/** What a process said it did: revisions of the shared sign-in, names it added, and how often it was told `busy`. */
export type Said = { readonly revisions: number[]; readonly names: string[]; busy: number }

export type Contender = {
  readonly said: Said
  readonly ended: Promise<void>
  readonly pid: number
  end(): void
}

export type Contest = {
  readonly home: string
  readonly beside: string
  readonly key: Uint8Array
  readonly password: string
}

/** A process of our own that uses the vault directly, and may stop itself while it holds the lock. */
export function nodeContender(
  { home, beside, key }: Contest,
  name: string,
  count: number,
  stop: number,
): Contender {
  const args = [join(root, 'test/torture/writers/contender.ts'), home, Buffer.from(key).toString('hex'), name]
  const child = spawn(process.execPath, [...args, String(count), String(stop)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: join(beside, 'compile-cache') },
  })
  const said: Said = { revisions: [], names: [], busy: 0 }
  const take = (line: string): void => {
    const [verb, what = ''] = line.split(' ')
    if (verb === 'edit') said.revisions.push(Number(what))
    if (verb === 'add') said.names.push(what)
    if (verb === 'busy') said.busy += 1
  }
  let rest = ''
  child.stdout.on('data', (chunk) => {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    lines.forEach(take)
  })
  return { said, pid: child.pid ?? 0, ended: ended(child), end: () => child.kill('SIGKILL') }
}

/** The built vault process, as the desktop has it. */
export function vaultContender({ home, key }: Contest, name: string, count: number): Contender {
  const entries = {
    worker: '',
    'keychain-helper': '',
    'import-process': '',
    'vault-process': join(root, 'out/cli/vault-process.js'),
  }
  const child = createNodeWorkerHost({ entries, environment: process.env }).start('vault-process', {
    FERNSYNC_HOME: home,
  })
  const client = createVaultClient(child, silent)
  const said: Said = { revisions: [], names: [], busy: 0 }
  const insist = async <T>(work: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'busy')) throw error
        said.busy += 1
      }
    }
  }
  const work = async (): Promise<void> => {
    await insist(() => client.unlock({ cachedKey: Uint8Array.from(key) }, {}))
    const shared = (await client.listCredentials()).find((one) => one.name === 'shared')
    for (let n = 0; n < count; n += 1) {
      const patch = { tags: [`${name} ${n}`] }
      const { rev } = await insist(() =>
        client.editCredential(shared?.id ?? '', patch, { password: utf8('v') }),
      )
      said.revisions.push(rev)
      const draft = {
        name: `${name}-${n}`,
        type: 'sftp' as const,
        fields: { host: 'h' },
        hostKey: null,
        tags: [],
      }
      said.names.push((await insist(() => client.addCredential(draft, { password: utf8('v') }))).name)
    }
  }
  return {
    said,
    pid: child.pid ?? 0,
    ended: work().finally(() => client.end()),
    end: () => void client.end(),
  }
}

/** The built command line, one process per change; exit code 9 is its `busy`. */
export function cliContender({ home, beside, password }: Contest, name: string, count: number): Contender {
  const said: Said = { revisions: [], names: [], busy: 0 }
  const passwordFile = join(beside, `password-${name}`)
  writeFileSync(passwordFile, password, { mode: 0o600 })
  let current: ChildProcess | null = null
  const run = async (args: readonly string[]): Promise<unknown> => {
    for (;;) {
      const all = [
        join(root, 'out/cli/cli.js'),
        '--home',
        home,
        '--password-file',
        passwordFile,
        '--json',
        ...args,
      ]
      const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] })
      current = child
      let out = ''
      let err = ''
      child.stdout.on('data', (chunk) => (out += String(chunk)))
      child.stderr.on('data', (chunk) => (err += String(chunk)))
      const code = await new Promise((resolve) => child.on('close', resolve))
      if (code === 0) return JSON.parse(out)
      if (code !== 9) throw new Error(`the command line ended with ${String(code)}: ${err}`)
      said.busy += 1
    }
  }
  const work = async (): Promise<void> => {
    for (let n = 0; n < count; n += 1) {
      const edited = await run(['credential', 'edit', 'shared', '--field', `user=${name}${n}`])
      // A change prints {"ok":true,"id","name","rev"}; anything else shows as a revision that is missing.
      said.revisions.push(Number((edited as { rev?: number }).rev))
      await run([
        'credential',
        'add',
        `${name}-${n}`,
        '--type',
        'sftp',
        '--field',
        'host=h',
        '--field',
        'user=u',
      ])
      said.names.push(`${name}-${n}`)
    }
  }
  return { said, pid: 0, ended: work(), end: () => void current?.kill('SIGKILL') }
}

/** True while the process is stopped by a signal. */
export function isStopped(pid: number): boolean {
  try {
    return /^\d+ \(.*\) T/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`a writer ended with ${code}`))))
  })
}
