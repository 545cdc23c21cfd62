import { fernetDecrypt } from '../../../main/core/crypto/fernet.ts'
import { createPacer } from '../../../main/core/vault/pacer.ts'
import { openPart } from '../../../main/core/vault/record-parts.ts'
import { readVaultFile } from '../../../main/core/vault/vault-file.ts'
import { generationPath, VAULT_PATH } from '../../../main/core/vault/vault-ports.ts'
import type { VaultApi } from '../../../main/core/vault/vault-api.ts'
import { createFailures, describeError } from '../proof.ts'
import { furnish } from './commands.ts'
import { contentsOf, isSame } from './contents.ts'
import type { Contents } from './contents.ts'
import { damage, isWellFormed } from './damage.ts'
import type { Material } from './damage.ts'
import { emptyDisk, filesOf, settledDisk } from './disk.ts'
import type { DiskState } from './disk.ts'
import { createLab } from './lab.ts'
import type { Lab } from './lab.ts'
import { withFile } from './rehearse.ts'
import { NOTHING, salvageOf, soundOf, sumOf, valuesIn } from './damage-salvage.ts'
import type { Home, Salvaged, Sound, Values } from './damage-salvage.ts'
import { createSeeded } from './seeded-random.ts'
import { utf8 } from '../../../main/core/crypto/bytes.ts'

/** What came of a range of trials. */
export type Tally = {
  readonly trials: number
  readonly wellFormed: number
  /** Refused with a code of ours. */
  readonly detected: number
  /** Opened with exactly the content there was: the damage lay where nothing is said, such as in white space. */
  readonly harmless: number
  /** Parts that decrypted although the file as a whole is refused, each to what it had always said. */
  readonly opened: number
  /** What `vault verify` and a repair make of it, with the older copies there and without any. */
  readonly copied: Salvaged
  readonly alone: Salvaged
  /** Trials that contradict the claim, of which `failures` tells the first. */
  readonly wrong: number
  readonly failures: readonly string[]
}

const REFUSALS = new Set([
  'vault-damaged',
  'vault-changed',
  'vault-newer',
  'vault-missing',
  'wrong-password',
  'locked',
])

const UNLOCKED = 0.1

type Place = { readonly home: Home; readonly values: Values }

type Bench = {
  readonly lab: Lab
  readonly material: Material
  readonly kek: Uint8Array
  readonly vaultKey: Uint8Array
  /** What each of the two devices shows: what one keeps to itself, the other does not have. */
  readonly contents: { readonly known: Contents; readonly fresh: Contents }
  readonly sound: Sound
  readonly homes: { readonly whole: Place; readonly alone: Place; readonly fresh: Place }
  /** The disk of a device that knows the vault, and of one that sees it for the first time. */
  readonly known: DiskState
  readonly fresh: DiskState
  /** Every payload that an authentic file ever held, by where it belongs. */
  readonly payloads: ReadonlyMap<string, unknown>
}

/** Trials `from` to below `to` of a seed. */
export async function damageTrials(seed: number, from: number, to: number): Promise<Tally> {
  const lab = createLab()
  const failures = createFailures()
  const tally = { trials: 0, wellFormed: 0, detected: 0, harmless: 0, opened: 0 }
  let salvaged: Both = { copied: NOTHING, alone: NOTHING }
  try {
    const bench = await createBench(lab, seed)
    for (let trial = from; trial < to; trial += 1) {
      const random = createSeeded(seed, 'damage', trial)
      const known = random.chance(0.5)
      const { kind, bytes } = damage(bench.material, random, known)
      const fail = (what: string): void =>
        failures.add(`${kind}: ${what} (--only 4 --seed ${seed}, trial ${trial})`)
      tally.trials += 1
      if (isWellFormed(bytes)) tally.wellFormed += 1
      const device = known ? 'known' : 'fresh'
      const verdict = await open(bench, device, bytes)
      if (verdict === 'harmless') tally.harmless += 1
      else if (REFUSALS.has(verdict)) tally.detected += 1
      else fail(verdict)
      const read = await readPastTheMac(bench, bytes)
      tally.opened += read.opened
      if (read.wrong !== null) fail(read.wrong)
      if (verdict !== 'harmless')
        salvaged = await salvageBoth(
          bench,
          { bytes, known, unlocks: random.chance(UNLOCKED) },
          salvaged,
          fail,
        )
    }
  } finally {
    lab.remove()
  }
  return { ...tally, ...salvaged, wrong: failures.count(), failures: failures.all() }
}

type Both = Pick<Tally, 'copied' | 'alone'>

/** Repairs the damaged vault twice: where its older copies are, and where there are none. */
async function salvageBoth(
  { sound, homes }: Bench,
  {
    bytes,
    known,
    unlocks,
  }: { readonly bytes: Uint8Array; readonly known: boolean; readonly unlocks: boolean },
  before: Both,
  fail: (what: string) => void,
): Promise<Both> {
  const salvage = async ({ home, values }: Place): Promise<Salvaged & { problems: readonly string[] }> => {
    const { salvaged, problems } = await salvageOf(sound, { bytes, home, values: unlocks ? values : null })
    return { ...salvaged, problems }
  }
  const copied = await salvage(homes.whole)
  const alone = await salvage(known ? homes.alone : homes.fresh)
  for (const problem of copied.problems) fail(problem)
  for (const problem of alone.problems) fail(`${problem}, without copies`)
  return { copied: sumOf([before.copied, copied]), alone: sumOf([before.alone, alone]) }
}

/** The device that knows the vault, with its older copies and without, and one that has never seen it. */
async function homesOf(state: DiskState, home: string, kek: Uint8Array): Promise<Bench['homes']> {
  const whole = new Map([...filesOf(state)].map(([path, bytes]) => [path.slice(home.length + 1), bytes]))
  const alone = new Map([...whole].filter(([path]) => !/^vault\.json\.\d$/.test(path)))
  const fresh = new Map([...whole].filter(([path]) => path === VAULT_PATH))
  const place = async (files: Home): Promise<Place> => ({ home: files, values: await valuesIn(files, kek) })
  return { whole: await place(whole), alone: await place(alone), fresh: await place(fresh) }
}

async function createBench(lab: Lab, seed: number): Promise<Bench> {
  const disk = lab.disk(emptyDisk(lab.home))
  const vault = lab.vaultOn(disk, createSeeded(seed, 'damage', 'vault').port)
  const current = (): Uint8Array => filesOf(disk.state()).get(`${lab.home}/vault.json`) ?? new Uint8Array()
  await furnish(vault)
  const older: Uint8Array[] = []
  for (let n = 0; n < 4; n += 1) {
    older.push(current())
    await rewriteAll(vault, n)
  }
  const other = lab.disk(emptyDisk(lab.home))
  await furnish(lab.vaultOn(other, createSeeded(seed, 'damage', 'foreign').port))
  const { kek } = await vault.exportCacheableKey()
  const foreign = filesOf(other.state()).get(`${lab.home}/vault.json`) ?? new Uint8Array()
  const material = { current: current(), older, foreign }
  const { top } = await readVaultFile(material.current, pacer())
  const vaultKey = fernetDecrypt(kek, top.slots[0]?.wrapped ?? '')
  const payloads = new Map<string, unknown>()
  for (const bytes of [...older, material.current])
    for (const [place, payload] of await payloadsOf(vaultKey, bytes)) payloads.set(place, payload)
  const known = settledDisk(disk.state())
  const fresh = emptyDisk(lab.home)
  const contents = {
    known: await contentsOf(vault),
    fresh: await contentsOn(lab, withFile(fresh, `${lab.home}/${VAULT_PATH}`, material.current), kek),
  }
  const homes = await homesOf(known, lab.home, kek)
  return {
    lab,
    material,
    kek,
    vaultKey,
    contents,
    sound: soundOf(material.current, {
      older,
      copy: homes.whole.home.get(generationPath(1)) ?? material.current,
      kek,
    }),
    homes,
    known,
    fresh,
    payloads,
  }
}

async function contentsOn(lab: Lab, state: DiskState, kek: Uint8Array): Promise<Contents> {
  const vault = lab.vaultOn(lab.disk(state))
  try {
    await vault.unlock({ cachedKey: Uint8Array.from(kek) }, {})
    return await contentsOf(vault)
  } finally {
    await vault.lock()
  }
}

/** Gives every sign-in another revision, and its history another entry. */
async function rewriteAll(vault: VaultApi, round: number): Promise<void> {
  for (const { id, name } of await vault.listCredentials())
    await vault.editCredential(id, { tags: [`round ${round}`] }, { password: utf8(`${name} ${round}`) })
}

/** `harmless`, the code it was refused with, or a sentence about what must not be. */
async function open(bench: Bench, device: 'known' | 'fresh', bytes: Uint8Array): Promise<string> {
  const state = withFile(bench[device], `${bench.lab.home}/${VAULT_PATH}`, bytes)
  const vault = bench.lab.vaultOn(bench.lab.disk(state))
  try {
    await vault.unlock({ cachedKey: Uint8Array.from(bench.kek) }, {})
    return isSame(await contentsOf(vault), bench.contents[device]) ? 'harmless' : 'opens with other content'
  } catch (error) {
    return describeError(error)
  } finally {
    await vault.lock()
  }
}

/** Decrypts whatever decrypts of a file that is refused as a whole: a token must say what it always said, or nothing. */
async function readPastTheMac(
  bench: Bench,
  bytes: Uint8Array,
): Promise<{ opened: number; wrong: string | null }> {
  let found: ReadonlyMap<string, unknown>
  try {
    found = await payloadsOf(bench.vaultKey, bytes)
  } catch {
    // Not a vault at all; nothing of it is ever decrypted.
    return { opened: 0, wrong: null }
  }
  for (const [place, payload] of found) {
    if (!isSame(payload, bench.payloads.get(place)))
      return { opened: found.size, wrong: `wrong plaintext at ${place}` }
  }
  return { opened: found.size, wrong: null }
}

/** Every payload of a file that decrypts, by the place that its key is bound to. */
async function payloadsOf(vaultKey: Uint8Array, bytes: Uint8Array): Promise<Map<string, unknown>> {
  const { top, records } = await readVaultFile(bytes, pacer())
  const payloads = new Map<string, unknown>()
  for (const { record } of records.values()) {
    for (const revision of [record, ...record.hist]) {
      for (const part of ['meta', 'secret'] as const) {
        const sealed = revision[part]
        if (sealed === undefined) continue
        const { rev, dev } = revision
        const place = { scope: 'record', part, vault: top.vault, id: record.id, rev, dev } as const
        try {
          payloads.set(JSON.stringify(place), openPart(vaultKey, place, sealed))
        } catch {
          // As it should be for what was touched.
        }
      }
    }
  }
  return payloads
}

function pacer(): ReturnType<typeof createPacer> {
  return createPacer({ monotonic: () => performance.now(), yieldToLoop: () => Promise.resolve() })
}

if (process.argv[1] === import.meta.filename) {
  const [seed = 0, from = 0, to = 0] = process.argv.slice(2).map(Number)
  console.log(JSON.stringify(await damageTrials(seed, from, to)))
}
