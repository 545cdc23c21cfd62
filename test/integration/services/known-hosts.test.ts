import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lookUpKnownHost } from '../../../main/services/known-hosts.ts'
import { tempFolder } from '../../helpers/temp-home.ts'

/** A key of ssh-keygen with the fingerprint that ssh-keygen says. */
async function makeKey(type: string): Promise<{ folder: string; line: string; fingerprint: string }> {
  const folder = await tempFolder()
  const file = join(folder, 'key')
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file])
  const [kind, key] = readFileSync(`${file}.pub`, 'utf8').split(' ')
  const fingerprint =
    execFileSync('ssh-keygen', ['-lf', `${file}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? ''
  return { folder, line: `${kind ?? ''} ${key ?? ''}`, fingerprint: `${kind ?? ''} ${fingerprint}` }
}

describe('lookUpKnownHost', () => {
  it('answers the fingerprint that ssh-keygen says, by name, pattern and port', async () => {
    const { line, fingerprint } = await makeKey('ed25519')
    const text = `# comment\nnas,10.0.0.* ${line}\n[nas]:2222 ${line} me@nas\n`
    expect(lookUpKnownHost(text, 'nas', 22)).toBe(fingerprint)
    expect(lookUpKnownHost(text, 'NAS', 22)).toBe(fingerprint)
    expect(lookUpKnownHost(text, '10.0.0.7', 22)).toBe(fingerprint)
    expect(lookUpKnownHost(text, 'nas', 2222)).toBe(fingerprint)
    expect(lookUpKnownHost(text, 'nas', 2223)).toBeNull()
    expect(lookUpKnownHost(text, 'nas2', 22)).toBeNull()
  })

  it('recognises names that ssh-keygen has hashed', async () => {
    const { folder, line, fingerprint } = await makeKey('ed25519')
    const file = join(folder, 'known_hosts')
    writeFileSync(file, `nas ${line}\n[nas]:2222 ${line}\n`)
    execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' })
    const hashed = readFileSync(file, 'utf8')
    expect(hashed).not.toContain('nas')
    expect([lookUpKnownHost(hashed, 'nas', 22), lookUpKnownHost(hashed, 'nas', 2222)]).toEqual([
      fingerprint,
      fingerprint,
    ])
    expect(lookUpKnownHost(hashed, 'other', 22)).toBeNull()
  })

  it('prefers ed25519 when a host has several keys', async () => {
    const [ecdsa, ed] = [await makeKey('ecdsa'), await makeKey('ed25519')]
    expect(lookUpKnownHost(`nas ${ecdsa.line}\nnas ${ed.line}\n`, 'nas', 22)).toBe(ed.fingerprint)
    expect(lookUpKnownHost(`nas ${ecdsa.line}\n`, 'nas', 22)).toBe(ecdsa.fingerprint)
  })

  it('never answers from a line with a marker, and not at all when a key is revoked', async () => {
    const { line } = await makeKey('ed25519')
    expect(lookUpKnownHost(`@cert-authority nas ${line}\n`, 'nas', 22)).toBeNull()
    expect(lookUpKnownHost(`nas ${line}\n@revoked nas ${line}\n`, 'nas', 22)).toBeNull()
  })

  it('obeys exceptions and passes over what it cannot read', async () => {
    const { line } = await makeKey('ed25519')
    expect(lookUpKnownHost(`*,!nas ${line}\n`, 'nas', 22)).toBeNull()
    expect(lookUpKnownHost('nas ssh-ed25519 not*base64\nnas\n|1|x ssh-rsa y\n', 'nas', 22)).toBeNull()
  })
})
