import { expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import type { VaultCheck } from '../../../../main/model/vault-check.ts'
import { createUnlocked, credential, PASSWORD } from './kit.ts'
import type { Kit } from './kit.ts'

const COUNT = 3_000

async function timed(kit: Kit): Promise<{ report: VaultCheck; ms: number }> {
  const started = performance.now()
  const proof = { password: utf8(PASSWORD) }
  const report = await kit.open().verify({ proof, repair: false, allowSlowKdf: false })
  return { report, ms: performance.now() - started }
}

it('names every record of a large vault whose ids are all gone, and soon', { timeout: 120_000 }, async () => {
  const kit = await createUnlocked()
  const drafts = Array.from({ length: COUNT }, (_, at) => ({
    draft: credential(`n${at}`),
    secrets: { password: utf8('p') },
  }))
  const [first] = await kit.vault.addCredentials(drafts)
  // Twice, so that two copies have them all.
  for (const text of ['q', 'r']) await kit.vault.editCredential(first?.id ?? '', {}, { password: utf8(text) })
  await kit.vault.lock()
  const sound = await timed(kit)
  expect(sound.report.ok).toBe(true)

  kit.write('vault.json', kit.read('vault.json').replace(/"id":"[0-9a-f-]{36}"/g, '"id":"?"'))
  const { report, ms } = await timed(kit)
  const named = report.damaged.filter(({ remedy, name }) => remedy === 'restore' && name !== null)
  expect([named.length > COUNT, report.damaged.length]).toEqual([true, named.length])
  // On a machine of any speed: looking for each of them in each is ten times as much.
  expect(ms / sound.ms).toBeLessThan(4)
})
