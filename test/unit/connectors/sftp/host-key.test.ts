import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  describeHostKey,
  hostKeyAlgorithms,
  hostKeyTypes,
  parsePin,
} from '../../../../main/connectors/sftp/host-key.ts'

const digest = 'A'.repeat(43)

describe('describeHostKey', () => {
  it.each(['ed25519', 'ecdsa', 'rsa'])('agrees with ssh-keygen about a key of type %s', (kind) => {
    const folder = mkdtempSync(join(tmpdir(), 'fernsync-host-key-'))
    try {
      const file = join(folder, 'key')
      execFileSync('ssh-keygen', ['-q', '-t', kind, '-N', '', '-f', file])
      const [type = '', blob = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ')
      const printed = execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' }).split(' ')[1]
      expect(describeHostKey(Buffer.from(blob, 'base64'))).toEqual({ fingerprint: printed, type })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('gives a fingerprint for bytes that are no key', () => {
    const key = describeHostKey(Buffer.from([255, 255, 255, 255, 1]))
    expect(key.type).toBeNull()
    expect(key.fingerprint).toMatch(/^SHA256:\S{43}$/)
  })
})

describe('parsePin', () => {
  it.each([
    [`SHA256:${digest}`, { fingerprint: `SHA256:${digest}`, type: null }],
    [` SHA256:${digest}=\n`, { fingerprint: `SHA256:${digest}`, type: null }],
    [`ssh-ed25519 SHA256:${digest}`, { fingerprint: `SHA256:${digest}`, type: 'ssh-ed25519' }],
    [`ssh-rsa SHA256:${digest}`, { fingerprint: `SHA256:${digest}`, type: 'ssh-rsa' }],
    [`ssh-dss SHA256:${digest}`, null],
    [`SHA256:${digest.slice(1)}`, null],
    [`sha256:${digest}`, null],
    [`MD5:00:11`, null],
    ['', null],
  ])('of %j is %j', (text, pin) => {
    expect(parsePin(text)).toEqual(pin)
  })
})

describe('hostKeyAlgorithms', () => {
  it('puts the algorithms of the preferred type first and leaves none out', () => {
    const plain = hostKeyAlgorithms(null)
    for (const type of hostKeyTypes) {
      const list = hostKeyAlgorithms(type)
      expect([...list].sort()).toEqual([...plain].sort())
      expect(list[0]).toBe(type === 'ssh-rsa' ? 'rsa-sha2-512' : type)
    }
  })

  it('never offers SHA-1 signatures', () => {
    expect(hostKeyAlgorithms('ssh-rsa')).not.toContain('ssh-rsa')
  })
})
