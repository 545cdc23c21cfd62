import { createNodeVault } from '../../../main/adapters/node-vault.ts'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import { quickDerive, silent } from '../support/lab.ts'
import { make } from '../support/plan.ts'
import type { Change } from '../support/plan.ts'

/**
 * `node node-writer.ts HOME PASSWORD CHANGES`: a process that makes changes one after the other and prints `ready` when the vault
 * is open, then a line for each change once the vault has acknowledged it. Without a password it only loads what it needs.
 */
const [home = '', password = '', changes = '[]'] = process.argv.slice(2)
const vault = createNodeVault({ home, log: silent, derive: quickDerive })
// Standard output is a pipe: what is written is with the reader before the call returns.
const say = (line: string): void => void process.stdout.write(`${line}\n`)

process.once('disconnect', () => process.exit(0))
if (password !== '') await vault.unlock({ password: utf8(password) }, { allowSlowKdf: true })
say('ready')
// What our own parent has put together.
for (const change of JSON.parse(changes) as readonly Change[]) {
  await make(vault, change)
  say('done')
}
