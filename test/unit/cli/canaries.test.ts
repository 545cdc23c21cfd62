import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../../helpers/temp-home.ts'
import { findCanaries } from '../../integration/cli/canaries.ts'

const canary = 'k3Qz-_8vBn2mLw0pXr7tYc5a'

describe('findCanaries', () => {
  it.for([
    ['as it is', Buffer.from(canary)],
    ['as UTF-16LE', Buffer.from(canary, 'utf16le')],
    ['as hex', Buffer.from(Buffer.from(canary).toString('hex'))],
    ['as base64', Buffer.from(Buffer.from(canary).toString('base64'))],
    ['as base64 behind one byte', Buffer.from(Buffer.from(`x${canary}y`).toString('base64'))],
    ['as base64 behind two bytes', Buffer.from(Buffer.from(`xx${canary}yy`).toString('base64'))],
    ['as base64url', Buffer.from(Buffer.from(`xx${canary}`).toString('base64url'))],
  ] as const)(
    'finds a canary %s, in a folder below and under a name that is no text',
    async ([, planted]) => {
      const folder = await tempFolder()
      mkdirSync(join(folder, 'deep'))
      const path = Buffer.concat([Buffer.from(join(folder, 'deep/')), Buffer.from([0xff, 0x41])])
      writeFileSync(path, Buffer.concat([Buffer.from('before '), planted, Buffer.from(' after')]))
      expect(findCanaries(folder, ['another canary 0000', canary])).toEqual([
        expect.stringMatching(/: canary 1$/),
      ])
    },
  )

  it('finds none where there is none', async () => {
    const folder = await tempFolder()
    writeFileSync(join(folder, 'a'), 'nothing of the kind')
    expect(findCanaries(folder, [canary])).toEqual([])
  })
})
