import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createLeakScanner,
  familyOf,
  leakForms,
  makeCanary,
  makeHostCanary,
} from '../../helpers/leak-scanner.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fernsync-leak-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('makeCanary', () => {
  it('makes random texts of 64 bytes that escaping changes', () => {
    const canary = makeCanary()
    expect(Buffer.byteLength(canary)).toBe(64)
    expect(canary).not.toBe(makeCanary())
    expect(encodeURIComponent(canary)).not.toBe(canary)
    expect(JSON.stringify(canary)).not.toBe(`"${canary}"`)
    expect(makeCanary({ plain: true })).toMatch(/^[a-z0-9]{64}$/)
    const labels = makeHostCanary().split('.')
    expect([labels.join('.').length, labels.every(({ length }) => length <= 63)]).toEqual([64, true])
  })
})

describe('leakForms', () => {
  it('finds a text in base64 and base64url wherever it stands in what was encoded', () => {
    for (const canary of [makeCanary(), makeCanary({ plain: true }), '127.93.201.14']) {
      const scanner = createLeakScanner({ canary })
      for (let before = 0; before < 12; before++) {
        for (let after = 0; after < 4; after++) {
          const whole = Buffer.concat([randomBytes(before), Buffer.from(canary), randomBytes(after)])
          for (const encoding of ['base64', 'base64url'] as const) {
            expect(scanner.inBytes('text', Buffer.from(whole.toString(encoding)))).not.toEqual([])
          }
        }
      }
    }
  })

  it('knows every form by name, and each text once', () => {
    const names = leakForms('a"b\\c%d ü+1234567890abcd').map(({ name }) => name)
    expect(names).toEqual([
      'UTF-8',
      'UTF-16LE',
      'base64 at 0',
      'base64 at 1',
      'base64 at 2',
      'hex',
      'HEX',
      'percent-escaped',
      'percent-escaped throughout',
      'PERCENT-ESCAPED throughout',
      'JSON-escaped',
      'JSON-escaped in ASCII',
      'JSON-escaped throughout',
    ])
    const texts = leakForms('???>>>???>>>').map(({ name }) => name)
    expect(texts).toContain('base64url at 0')
  })
})

describe('createLeakScanner', () => {
  it('counts any 24 bytes of a canary as found, in every form, and names which canary', () => {
    const canaries = { text: makeCanary(), host: makeHostCanary(), key: randomBytes(32) }
    const scanner = createLeakScanner(canaries)
    for (const [canary, whole] of Object.entries(canaries)) {
      const all = typeof whole === 'string' ? [...whole] : whole
      for (let start = 0; start + 24 <= all.length; start += 1) {
        const cut = all.slice(start, start + 24)
        for (const { bytes } of leakForms(cut instanceof Uint8Array ? cut : cut.join(''))) {
          const found = scanner.inBytes('x', Buffer.concat([randomBytes(start % 5), bytes]))
          // In which form a piece is found may differ where two forms of it are alike.
          expect(found.map((leak) => leak.canary)).toContain(canary)
        }
      }
    }
    expect(scanner.inBytes('x', Buffer.from(canaries.text.slice(0, 10)))).toEqual([])
  })

  it('finds each form in a file, at any place, and names canary and form', () => {
    const scanner = createLeakScanner({ password: makeCanary(), host: '127.93.201.14', key: randomBytes(32) })
    scanner.forms.forEach(({ bytes, canary, name }, index) => {
      const file = join(folder, `${index}.bin`)
      writeFileSync(file, Buffer.concat([randomBytes(index % 7), bytes, randomBytes(index % 5)]))
      expect(scanner.inFolder(folder)).toContainEqual({ where: file, canary, form: familyOf(name) })
      rmSync(file)
    })
  })

  it('finds a text right at the beginning and right at the end', () => {
    const scanner = createLeakScanner({ a: 'needle-needle' })
    expect(scanner.inBytes('x', Buffer.from('needle-needle'))).toHaveLength(1)
    expect(scanner.inBytes('x', Buffer.from('nnneedle-needle'))).toHaveLength(1)
    expect(scanner.inBytes('x', Buffer.from('needle-needl'))).toEqual([])
  })

  it('finds a canary in a name, in a folder below, and in what a view shows of a larger buffer', () => {
    const scanner = createLeakScanner({ name: 'canary-in-a-name' })
    mkdirSync(join(folder, 'a', 'canary-in-a-name'), { recursive: true })
    expect(scanner.inFolder(folder)).toHaveLength(1)
    const all = new TextEncoder().encode('..canary-in-a-name..')
    expect(scanner.inBytes('x', all.subarray(2))).toHaveLength(1)
    expect(scanner.inBytes('x', all.subarray(3))).toEqual([])
  })

  it('finds nothing in random bytes, and follows no links', () => {
    const password = makeCanary()
    const scanner = createLeakScanner({ password, host: '127.1.2.3' })
    mkdirSync(join(folder, 'searched'))
    writeFileSync(join(folder, 'searched', 'noise'), randomBytes(2_000_000))
    writeFileSync(join(folder, 'outside'), password)
    symlinkSync('../outside', join(folder, 'searched', 'link'))
    expect(scanner.inFolder(join(folder, 'searched'))).toEqual([])
  })

  it('finds a canary in the arguments and in the environment of a process', async () => {
    const scanner = createLeakScanner({ argument: makeCanary(), variable: makeCanary() })
    const [argument, variable] = ['argument', 'variable'].map(
      (canary) => scanner.forms.find((form) => form.canary === canary)?.bytes.toString() ?? '',
    )
    const shell = spawn('/bin/sh', ['-c', 'read line', argument ?? ''], { env: { SECRET: variable } })
    await new Promise((resolve) => shell.once('spawn', resolve))
    try {
      const found = scanner
        .inProcess(shell.pid ?? 0)
        .map(({ canary, where }) => [canary, where.split(' ')[0]])
      expect(found).toContainEqual(['argument', 'cmdline'])
      expect(found).toContainEqual(['variable', 'environ'])
    } finally {
      shell.kill()
    }
    expect(scanner.inProcess(2 ** 22)).toEqual([])
  })
})
