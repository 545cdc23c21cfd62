import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { createPacer } from '../../../../main/core/vault/pacer.ts'
import { salvage } from '../../../../main/core/vault/salvage.ts'

const pacer = createPacer({ monotonic: () => 0, yieldToLoop: () => Promise.resolve() })
const MIB = 1024 * 1024
const filled = (piece: string): string => piece.repeat(Math.ceil(MIB / piece.length))

describe('salvage', () => {
  // The lock of the vault is held meanwhile, and nothing else runs.
  it.for([
    ['ends of the file', `"records":[],${filled('],"mac":')}{`],
    ['ends behind spaces', `"records":[]${filled('     ],')}"mac":{`],
    ['slots that do not end', filled('"slots":[{')],
    ['fields that are none', filled('"seen":{x}')],
    ['braces that are never closed', filled('{')],
  ] as const)('is done soon with a mebibyte of %s', { timeout: 5_000 }, async ([, text]) => {
    const { isWhole, entries } = await salvage(utf8(text), pacer)
    expect([isWhole, entries]).toEqual([false, []])
  })

  it.for(['],"mac":"00"}', '],\n "mac": "00" }\n ', '] "mac":'])(
    'takes the end of the file %j for no record',
    async (end) => {
      const id = 'a'.repeat(24)
      const { broken } = await salvage(utf8(`{"vault":"","records":[\nxx${id}${end}`), pacer)
      expect(broken.map(({ text }) => text)).toEqual([`xx${id}`])
    },
  )
})
