import { fileURLToPath } from 'node:url'
import { createNodeWorkerHost } from '../../../main/adapters/node-worker-host.ts'

/** A parent of the worker-host tests: starts an echo child, says its pid, and waits to be killed. */
const entry = fileURLToPath(new URL('echo-child.ts', import.meta.url))
const host = createNodeWorkerHost({
  entries: { worker: entry, 'vault-process': entry, 'keychain-helper': entry, 'import-process': entry },
  environment: process.env,
})
const child = host.start('worker')
child.onMessage(() => process.stdout.write(`${child.pid}\n`))
child.post({})
