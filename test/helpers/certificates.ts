import { readFileSync } from 'node:fs'
import path from 'node:path'

/** A file that ssh-keygen made, see test/fixtures/certificates/README.md. */
export function certificateFile(name: string): string {
  return readFileSync(path.join(import.meta.dirname, '../fixtures/certificates', name), 'utf8')
}
