import ssh2 from 'ssh2'
import { describe, expect, it } from 'vitest'
import { nodeRandom } from '../../../../main/adapters/node-random.ts'
import { ed25519PublicKey } from '../../../../main/core/crypto/ed25519.ts'
import { fromHex, toHex } from '../../../../main/core/crypto/bytes.ts'
import { generateSshKey } from '../../../../main/core/generate/generate-ssh-key.ts'

describe('ed25519PublicKey', () => {
  // RFC 8032 section 7.1, tests 1 and 2.
  it.for([
    [
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    ],
    [
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    ],
  ] as const)('of the seed %s is that of the RFC', ([seed, key]) => {
    expect(toHex(ed25519PublicKey(fromHex(seed)))).toBe(key)
  })

  it('refuses a seed of another length', () => {
    expect(() => ed25519PublicKey(new Uint8Array(31))).toThrow('invalid length')
  })
})

describe('generateSshKey', () => {
  it.for(['', 'mira@desk', 'Grüße & Co', 'x'.repeat(200)])(
    'is a key that a reader of OpenSSH takes, with comment %j',
    (comment) => {
      const made = generateSshKey(comment, nodeRandom)
      const read = ssh2.utils.parseKey(Buffer.from(made.privateKey))
      if (read instanceof Error) throw read
      expect(read.isPrivateKey()).toBe(true)
      expect(read.comment).toBe(comment)
      const line = `ssh-ed25519 ${read.getPublicSSH().toString('base64')}`
      expect(made.publicLine).toBe(comment === '' ? line : `${line} ${comment}`)
      const signature = read.sign(Buffer.from('challenge'))
      expect(signature instanceof Error ? signature : read.verify(Buffer.from('challenge'), signature)).toBe(
        true,
      )
    },
  )

  it('is another key each time, its lines at most 70 characters long', () => {
    const made = [generateSshKey('', nodeRandom), generateSshKey('', nodeRandom)]
    expect(new Set(made.map(({ fingerprint }) => fingerprint)).size).toBe(2)
    const lines = new TextDecoder().decode(made[0]?.privateKey).split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBe(70)
    expect(lines.at(-1)).toBe('')
  })

  it('wipes the seed it was made from', () => {
    const given: Uint8Array[] = []
    const random = {
      ...nodeRandom,
      bytes: (length: number) => {
        const bytes = nodeRandom.bytes(length)
        given.push(bytes)
        return bytes
      },
    }
    generateSshKey('', random)
    expect(given.find((bytes) => bytes.byteLength === 32)?.every((byte) => byte === 0)).toBe(true)
  })
})
