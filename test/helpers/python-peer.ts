import { spawnSync } from 'node:child_process'

/** A Python with the package `cryptography`. Throws with the command that installs it. */
export function pythonWithCryptography(): string {
  const found = ['/usr/bin/python3', 'python3'].find(
    (python) => spawnSync(python, ['-c', 'import cryptography.fernet']).status === 0,
  )
  if (found === undefined)
    throw new Error(
      'needs Python cryptography: apt-get install -y --no-install-recommends python3-cryptography',
    )
  return found
}
