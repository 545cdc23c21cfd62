import { createNodeWorkerHost } from '../../../main/adapters/node-worker-host.ts'

/** A parent that starts a vault process, prints its id, and waits to be killed: `node orphan.ts ENTRY HOME`. */
const [entry = '', home = ''] = process.argv.slice(2)
const entries = { worker: '', 'vault-process': entry, 'keychain-helper': '', 'import-process': '' }
const child = createNodeWorkerHost({ entries, environment: process.env }).start('vault-process', {
  FERNSYNC_HOME: home,
})
child.onMessage(() => process.stdout.write(`${child.pid}\n`))
child.post({ id: 1, method: 'status', args: [] })
