import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** The command line as it was built, started by the Node of this process; `FERNSYNC_CLI` names another build. */
export function cliCommand(): readonly string[] {
  const built = join(import.meta.dirname, '../../../out/cli/cli.js')
  return [process.execPath, process.env['FERNSYNC_CLI'] ?? built]
}

/** A Python 3 with the standard library. Throws with the command that installs one. */
export function python(): string {
  const found = ['/usr/bin/python3', 'python3'].find(
    (command) => spawnSync(command, ['-c', 'import json, pty, sqlite3']).status === 0,
  )
  if (found === undefined)
    throw new Error('needs Python 3: apt-get install -y --no-install-recommends python3')
  return found
}
