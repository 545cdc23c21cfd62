import { closeSync, openSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  findPasswordSource,
  readNewPassword,
  readSecretFile,
  refuseTwoSources,
  trimLineEnd,
} from '../../../main/cli/password-source.ts'
import type { PasswordOptions, PasswordSource } from '../../../main/cli/password-source.ts'
import { tempFolder } from '../../helpers/temp-home.ts'

const none: PasswordOptions = {
  passwordFile: null,
  passwordFd: null,
  environmentFile: null,
  credentialsDirectory: null,
}
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : new TextDecoder().decode(bytes)

async function files(contents: Readonly<Record<string, string>>): Promise<(name: string) => string> {
  const folder = await tempFolder()
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(folder, name), content)
  return (name) => join(folder, name)
}

const readFrom = async (options: Partial<PasswordOptions>): Promise<string | null> =>
  text(await findPasswordSource({ ...none, ...options }, () => null).read(''))

describe('trimLineEnd', () => {
  it.for([
    ['secret\n', 'secret'],
    ['secret\r\n', 'secret'],
    ['secret\n\n', 'secret\n'],
    ['secret\r\n\r\n', 'secret\r\n'],
    ['secret\r', 'secret\r'],
    [' secret \n', ' secret '],
    ['secret\n ', 'secret\n '],
    ['\n', ''],
    ['', ''],
  ])('makes %j to %j', ([given, left]) => {
    expect(text(trimLineEnd(utf8(given ?? '')))).toBe(left)
  })

  it('takes one line end and nothing else from any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom([], [10], [13, 10]), (bytes, end) => {
        fc.pre(bytes.at(-1) !== 10 && (bytes.at(-1) !== 13 || end.length !== 1))
        expect(trimLineEnd(Uint8Array.of(...bytes, ...end))).toEqual(Uint8Array.from(bytes))
      }),
    )
  })

  it('wipes the bytes that it leaves behind', () => {
    const given = utf8('secret\n')
    trimLineEnd(given)
    expect([...given]).toEqual([0, 0, 0, 0, 0, 0, 0])
  })
})

describe('findPasswordSource', () => {
  it('prefers the command line to the environment, and that to systemd', async () => {
    const at = await files({ line: 'line\n', environment: 'environment\n' })
    await mkdir(at('credentials'))
    writeFileSync(join(at('credentials'), 'fernsync.password'), 'systemd\n')
    const systemd = { credentialsDirectory: at('credentials') }
    const environment = { ...systemd, environmentFile: at('environment') }
    expect(await readFrom({ ...environment, passwordFile: at('line') })).toBe('line')
    expect(await readFrom(environment)).toBe('environment')
    expect(await readFrom(systemd)).toBe('systemd')
  })

  it('reads a descriptor that was opened for it', async () => {
    const at = await files({ secret: 'from a descriptor\r\n' })
    const fd = openSync(at('secret'), 'r')
    try {
      expect(await readFrom({ passwordFd: fd })).toBe('from a descriptor')
    } finally {
      closeSync(fd)
    }
  })

  it('answers usage for a file or descriptor that cannot be read', async () => {
    const at = await files({})
    await expect(readFrom({ passwordFile: at('missing') })).rejects.toMatchObject({ code: 'usage' })
    await expect(readFrom({ passwordFd: 9999 })).rejects.toMatchObject({ code: 'usage' })
  })

  it('passes over a systemd folder without our credential', async () => {
    const at = await files({ environment: 'x' })
    const options = { environmentFile: at('environment'), credentialsDirectory: at('nowhere') }
    expect(await readFrom(options)).toBe('x')
  })
})

describe('refuseTwoSources', () => {
  it('answers usage when the command line names two', () => {
    expect(() => refuseTwoSources({ ...none, passwordFile: 'a', passwordFd: 3 })).toThrow(
      expect.objectContaining({ code: 'usage' }),
    )
  })

  it('allows one, beside what the environment names', () => {
    expect(() => refuseTwoSources({ ...none, passwordFd: 3, environmentFile: 'a' })).not.toThrow()
  })
})

describe('readNewPassword', () => {
  const answers = (kind: PasswordSource['kind'], ...given: (string | null)[]): PasswordSource => ({
    kind,
    read: () => {
      const next = given.shift() ?? null
      return Promise.resolve(next === null ? null : utf8(next))
    },
  })

  it('asks twice on a terminal and takes two equal answers', async () => {
    expect(text(await readNewPassword(answers('terminal', 'one', 'one')))).toBe('one')
  })

  it('refuses two that differ, and one alone', async () => {
    await expect(readNewPassword(answers('terminal', 'one', 'onE'))).rejects.toMatchObject({ code: 'usage' })
    await expect(readNewPassword(answers('terminal', 'one', null))).rejects.toMatchObject({ code: 'usage' })
  })

  it('asks once elsewhere', async () => {
    expect(text(await readNewPassword(answers('once', 'one')))).toBe('one')
  })

  it('is cancelled when nothing is given', async () => {
    await expect(readNewPassword(answers('terminal', null))).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe('readSecretFile', () => {
  it('reads a file whole, line ends included', async () => {
    const at = await files({ key: '-----BEGIN-----\nabc\n' })
    expect(text(readSecretFile(at('key'), 100))).toBe('-----BEGIN-----\nabc\n')
  })

  it('refuses more than it may take, and takes exactly that much', async () => {
    const at = await files({ secret: '12345' })
    expect(text(readSecretFile(at('secret'), 5))).toBe('12345')
    expect(() => readSecretFile(at('secret'), 4)).toThrow(expect.objectContaining({ code: 'usage' }))
  })
})
