import { nodeFileOperations } from '../../../main/adapters/file-operations.ts'
import { createNodeVault } from '../../../main/adapters/node-vault.ts'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import { silent } from '../support/lab.ts'

/**
 * `node contender.ts HOME KEY NAME COUNT STOP`: edits the shared sign-in COUNT times and adds one of its own each time, and prints
 * what was acknowledged: `edit REV`, `add NAME`, or `busy`. The STOPth file that it makes for a write of vault.json stops the
 * process as SIGSTOP does, which is to say while it holds the lock; 0 = never.
 */
const [home = '', key = '', name = '', count = '0', stop = '0'] = process.argv.slice(2)
let left = Number(stop)
const operations = {
  ...nodeFileOperations,
  create: async (path: string) => {
    const file = await nodeFileOperations.create(path)
    if (/\.vault\.json\.[0-9a-f]{16}\.tmp$/.test(path)) {
      left -= 1
      if (left === 0) process.kill(process.pid, 'SIGSTOP')
    }
    return file
  },
}
const vault = createNodeVault({ home, log: silent, operations })
const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** Tries again as long as others hold the lock; how often that was is printed. */
async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'busy')) throw error
      say('busy')
    }
  }
}

await insist(() => vault.unlock({ cachedKey: new Uint8Array(Buffer.from(key, 'hex')) }, {}))
const shared = (await vault.listCredentials()).find((one) => one.name === 'shared')
if (shared === undefined) throw new Error('no shared sign-in')
for (let n = 0; n < Number(count); n += 1) {
  const edited = await insist(() =>
    vault.editCredential(shared.id, { tags: [`${name} ${n}`] }, { password: utf8(`${name} ${n}`) }),
  )
  say(`edit ${edited.rev}`)
  const draft = {
    name: `${name}-${n}`,
    type: 'sftp' as const,
    fields: { host: 'h' },
    hostKey: null,
    tags: [],
  }
  await insist(() => vault.addCredential(draft, { password: utf8(`${name} ${n}`) }))
  say(`add ${name}-${n}`)
}
