import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isAlive } from './processes.ts'

/** Names of users made for tests start with this; the comment field holds the process that made them. */
const prefix = 'fstest-'

export type TestUser = { readonly name: string; readonly password: string; remove(): void }

/** user tools hold a lock on the files; another test may have it for a moment. */
function runLocked(command: string, args: readonly string[], input = ''): void {
  for (let attempt = 0; ; attempt++) {
    const { status, stderr } = spawnSync(command, args, { input, encoding: 'utf8' })
    if (status === 0) return
    const isBusy = /lock/i.test(stderr)
    if (!isBusy || attempt === 50) throw new Error(`${command} failed: ${stderr.trim()}`)
    execFileSync('sleep', ['0.1'])
  }
}

function removeUser(name: string): void {
  if (!readFileSync('/etc/passwd', 'utf8').includes(`${name}:`)) return
  runLocked('userdel', ['--force', name])
}

/** Removes users of test processes that were killed before they could. */
export function sweepTestUsers(): void {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name = '', , , , comment = ''] = line.split(':')
    if (name.startsWith(prefix) && !isAlive(Number(comment))) removeUser(name)
  }
}

/** Makes an OS user with a random name and password, gone again after `remove` or at the end of this process. Needs root. */
export function createTestUser(home: string): TestUser {
  sweepTestUsers()
  const name = `${prefix}${randomBytes(12).toString('hex')}`
  const password = randomBytes(48).toString('base64url')
  const comment = String(process.pid)
  runLocked('useradd', [
    '--no-create-home',
    '--home-dir',
    home,
    '--shell',
    '/bin/sh',
    '--comment',
    comment,
    name,
  ])
  const remove = (): void => {
    process.off('exit', remove)
    removeUser(name)
  }
  process.on('exit', remove)
  runLocked('chpasswd', [], `${name}:${password}\n`)
  return { name, password, remove }
}
