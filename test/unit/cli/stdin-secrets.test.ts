import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

/** Stdin belongs to the process, so the function runs in one of its own. */
function readSecrets(stdin: string | Uint8Array): { status: number | null; out: string } {
  const module = join(import.meta.dirname, '../../../main/cli/stdin-secrets.ts')
  const script = `
    import { readSecretsFromStdin } from ${JSON.stringify(module)}
    try {
      const secrets = readSecretsFromStdin(100)
      const texts = Object.entries(secrets).map(([name, bytes]) => [name, Buffer.from(bytes).toString('hex')])
      process.stdout.write(JSON.stringify(texts))
    } catch (error) {
      process.stdout.write([error.code, error.message, String(error.cause)].join('|'))
      process.exitCode = 1
    }`
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    input: stdin,
    encoding: 'utf8',
  })
  return { status: child.status, out: child.stdout }
}

describe('readSecretsFromStdin', () => {
  it('reads one JSON object of texts as UTF-8 bytes, unchanged', () => {
    const { out } = readSecrets('{"password": " pä\\n", "passphrase": ""}')
    expect(JSON.parse(out)).toEqual([
      ['password', Buffer.from(' pä\n').toString('hex')],
      ['passphrase', ''],
    ])
  })

  it.for([
    ['no JSON', 'hunter2'],
    ['a list', '["hunter2"]'],
    ['null', 'null'],
    ['a number in it', '{"password": 2}'],
    ['bytes that are no UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d)],
    ['nothing', ''],
  ] as const)('answers usage for %s and does not quote it', ([, stdin]) => {
    const { status, out } = readSecrets(stdin)
    expect(status).toBe(1)
    expect(out).toBe('usage|stdin is not a JSON object of texts|undefined')
  })

  it('answers usage for more than it may take', () => {
    expect(readSecrets(`{"password": "${'x'.repeat(100)}"}`).out).toMatch(/^usage\|secret is too long/)
  })
})
