import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openNodeHome } from '../../../main/adapters/node-home.ts'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import { AppError } from '../../../main/model/app-error.ts'
import { tempFolder } from '../../helpers/temp-home.ts'

const password = 'correct horse battery'

async function openVault() {
  const home = await tempFolder()
  const { vault } = openNodeHome(home, 'cli')
  await vault.init(utf8(password), { iterations: 600_000 })
  return { home, vault }
}

const codeOf = (attempt: Promise<unknown>): Promise<string | null> =>
  attempt.then(
    () => null,
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  )

describe('confirmPassword', () => {
  it('answers nothing for the password, counts wrong ones and throttles them like an unlock', async () => {
    const { vault } = await openVault()
    const given = utf8(password)
    await vault.confirmPassword({ password: given })
    expect(given.every((byte) => byte === 0)).toBe(true)
    const codes: (string | null)[] = []
    for (let attempt = 0; attempt < 6; attempt += 1)
      codes.push(await codeOf(vault.confirmPassword({ password: utf8('another horse battery') })))
    expect(codes.slice(0, 3)).toEqual(['wrong-password', 'wrong-password', 'wrong-password'])
    expect(codes).toContain('throttled')
    expect((await vault.status()).throttledForMs).toBeGreaterThan(0)
    expect(await codeOf(vault.confirmPassword({ password: utf8(password) }))).toBe('throttled')
  })

  it('throws while locked', async () => {
    const { vault } = await openVault()
    await vault.lock()
    expect(
      await codeOf(Promise.resolve().then(() => vault.confirmPassword({ password: utf8(password) }))),
    ).toBe('locked')
  })
})

describe('exportFile', () => {
  it('is the file as it is on the disk', async () => {
    const { home, vault } = await openVault()
    expect(Buffer.from(await vault.exportFile())).toEqual(readFileSync(join(home, 'vault.json')))
  })
})
