import { rawVault, resum } from '../../unit/core/vault/tamper.ts'
import type { Seeded } from './seeded-random.ts'

/** A piece of JSON text that no value of JavaScript stands for: huge numbers, doubled keys, words that are none. */
class Raw {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const raw = (text: string): Raw => new Raw(text)

/** What no derivation may ever be run with, whatever its parameter is called. */
const badNumbers: readonly unknown[] = [
  ...[0, 2 ** 40, 2 ** 53 - 1, true, false, '', '1200000', [], {}, [600_000], { valueOf: 600_000 }],
  ...['-1', '-0', '-600000', '1.5', '600000.0', '6e5', '1e9', '1e400', '-1e400', '9007199254740993'].map(raw),
  ...['18446744073709551616', 'null', 'NaN', 'Infinity', '0x100000', '00600000', '+600000', '600_000'].map(
    raw,
  ),
]
const badSalts: readonly unknown[] = [
  ...['', 'AAAA', 'AAAAAAAAAAA=', `${'A'.repeat(87)}=`, 'A'.repeat(4096), 'AAAAAAAAAAAAAAAAAAAAAA', '!!!!'],
  ...[0, true, [], {}, raw('null'), raw('"\\ud800"')],
]

type Bad = Readonly<Record<string, readonly number[]>>

/** Derivations with sane parameters, each of which is made bad in turn, also by little. */
const kdfs: readonly {
  readonly name: string
  readonly sane: Readonly<Record<string, number>>
  readonly bad: Bad
}[] = [
  {
    name: 'pbkdf2-hmac-sha256',
    sane: { iterations: 1_200_000 },
    bad: { iterations: [1, 1000, 99_999, 10_000_001, 2 ** 31, 2 ** 32] },
  },
  {
    name: 'scrypt',
    sane: { logN: 17, r: 8, p: 1 },
    bad: { logN: [1, 13, 21, 31, 63, 64], r: [1, 7, 17, 2 ** 30], p: [17, 2 ** 30] },
  },
  {
    name: 'argon2id',
    sane: { memoryKiB: 65_536, iterations: 3, parallelism: 4 },
    bad: {
      memoryKiB: [1, 8, 7167, 1_048_577, 2 ** 32],
      iterations: [11, 2 ** 32],
      parallelism: [17, 2 ** 24],
    },
  },
  { name: 'bcrypt', sane: { cost: 12 }, bad: { cost: [1, 4, 9, 17, 31, 32] } },
]
/** A counter may be as high as 2^40. */
const badCounters: readonly unknown[] = [...badNumbers.filter((one) => one !== 2 ** 40), 2 ** 40 + 1]

type Header = Record<string, unknown> & { slots: unknown[] }
type Slot = Record<string, unknown>
type Attack = (header: Header, random: Seeded) => void

const slotOf = (header: Header): Slot => header.slots[0] as Slot

function badKdf(header: Header, random: Seeded): void {
  const { name, sane, bad } = random.pick(kdfs)
  const slot = slotOf(header)
  const parameter = random.pick([...Object.keys(sane), 'salt'])
  const salt = (slot['kdf'] as Record<string, unknown>)['salt']
  const values = parameter === 'salt' ? badSalts : [...badNumbers, ...(bad[parameter] ?? [])]
  slot['kdf'] = { name, salt, ...sane, [parameter]: random.pick(values) }
}

const nested = (depth: number, random: Seeded): unknown => {
  const open = Array.from({ length: depth }, () => (random.chance(0.5) ? '[' : '{"a":'))
  const close = open.map((one) => (one === '[' ? ']' : '}')).reverse()
  return raw(`${open.join('')}1${close.join('')}`)
}

const attacks: Readonly<Record<string, Attack>> = {
  kdf: badKdf,
  'kdf again': badKdf,
  'kdf missing a parameter': (header) => void (slotOf(header)['kdf'] = { name: 'pbkdf2-hmac-sha256' }),
  'kdf of another shape': (header, random) =>
    void (slotOf(header)['kdf'] = random.pick<unknown>([[], 1, 'pbkdf2-hmac-sha256', true, raw('null'), {}])),
  'kdf without a name': (header, random) =>
    void (slotOf(header)['kdf'] = { name: random.pick<unknown>(['', 'x'.repeat(65), 1, raw('null'), []]) }),
  'kdf with a doubled parameter': (header, random) =>
    void (slotOf(header)['kdf'] = raw(
      `{"iterations":1200000,"iterations":${random.int(1e9)},"name":"pbkdf2-hmac-sha256","salt":"AAAAAAAAAAAAAAAAAAAAAA=="}`,
    )),
  'slot field': (header, random) => {
    const field = random.pick(['id', 'type', 'wrapped', 'sum'])
    slotOf(header)[field] = random.pick<unknown>([
      raw('null'),
      1,
      [],
      {},
      true,
      'x'.repeat(5000),
      'ä'.repeat(4097),
    ])
  },
  'many slots': (header, random) => {
    const count = 9 + random.int(200)
    header.slots = Array.from({ length: count }, (_, n) => resummed({ ...slotOf(header), id: `s${n}` }))
  },
  'two slots of one id': (header) => void header.slots.push(slotOf(header)),
  'slots of another shape': (header, random) =>
    void Object.assign(header, {
      slots: random.pick<unknown>([{}, 1, 'x', raw('null'), [1], [[]], [raw('null')]]),
    }),
  'no slots': (header) => void (header.slots = []),
  counter: (header, random) => void (header[random.pick(['vkGen', 'epoch'])] = random.pick(badCounters)),
  version: (header, random) =>
    void (header[random.pick(['version', 'minReader'])] = random.pick([...badNumbers.slice(1), 2])),
  format: (header, random) =>
    void (header['format'] = random.pick<unknown>(['', 'keepass', 'FERNSYNC', 1, raw('null'), []])),
  'vault id': (header, random) =>
    void (header['vault'] = random.pick<unknown>(['', 'x', '../../etc', 1, raw('null'), 'A'.repeat(99)])),
  device: (header, random) =>
    void (header['dev'] = random.pick<unknown>(['', 'd', 'dXYZ', 1, raw('null'), '__proto__'])),
  'devices seen': (header, random) =>
    void (header['seen'] = random.pick<unknown>([
      {},
      [],
      1,
      raw('null'),
      { x: 1 },
      { d0123456789abcdef: 0 },
      raw('{"__proto__":1}'),
    ])),
  'slot set': (header, random) =>
    void (header['slotSet'] = random.pick<unknown>([{}, [], 1, raw('null'), { rev: 0, dev: 'd' }])),
  'missing field': (header, random) => {
    const field = random.pick([
      'format',
      'version',
      'vault',
      'vkGen',
      'epoch',
      'dev',
      'seen',
      'slotSet',
      'slots',
      'records',
      'mac',
    ])
    delete header[field]
  },
  'deep nesting': (header, random) => void (header['note'] = nested(16 + random.int(3000), random)),
  'long text': (header, random) => void (header['note'] = 'x'.repeat(65_536 + random.int(200_000))),
  'many fields': (header) =>
    Object.assign(header, Object.fromEntries(Array.from({ length: 6000 }, (_, n) => [`field${n}`, n]))),
  'forbidden key': (header) => void (header['note'] = raw('{"__proto__":{"isAdmin":true}}')),
  'doubled key': (header, random) => {
    const key = random.pick(['vault', 'slots', 'version', 'epoch', 'note'])
    header['note'] = raw(`1,"${key}":1,"${key}":2`)
  },
  'bad text': (header, random) =>
    void (header['note'] = raw(random.pick(['"\\ud800"', '"\\x"', '"\n"', '"\u0000"', "'a'", '"']))),
  'bad number': (header, random) =>
    void (header['note'] = random.pick(badNumbers.filter((one) => one instanceof Raw))),
  records: (header, random) =>
    void (header['records'] = random.pick<unknown>([{}, 1, raw('null'), [1], [{}], [raw('null')], 'x'])),
  mac: (header, random) =>
    void (header['mac'] = random.pick<unknown>(['', 'f'.repeat(63), 'F'.repeat(64), 1, raw('null'), []])),
}

export type Hostile = { readonly attack: string; readonly bytes: Uint8Array }

/** A vault file with one to three things wrong in what is read before any key is derived. */
export function hostileHeader(vault: Uint8Array, random: Seeded): Hostile {
  // Written by the vault under test.
  const header = rawVault(Buffer.from(vault).toString()) as unknown as Header
  const chosen = Array.from({ length: 1 + random.int(3) }, () => random.pick(Object.keys(attacks)))
  for (const name of chosen) {
    try {
      attacks[name]?.(header, random)
    } catch {
      // One attack took away what the next would have changed.
    }
  }
  const slot: unknown = Array.isArray(header.slots) ? header.slots[0] : null
  // A checksum that is right, where there can be one, or the checksum would be all that is tested.
  if (random.chance(0.8) && typeof slot === 'object' && slot !== null && hasSum(slot)) resummed(slot)
  const text = write(header)
  const damaged = random.chance(0.05)
    ? random.pick([`\u{feff}${text}`, `${text}x`, `${text}${text}`, `[${text}]`])
    : text
  const bytes = Buffer.from(damaged)
  if (random.chance(0.02)) bytes[random.int(200)] = 0xff
  return { attack: chosen.join(' + '), bytes }
}

/** False once the checksum itself is what is wrong. */
function hasSum(slot: object): boolean {
  return 'sum' in slot && typeof slot.sum === 'string' && slot.sum.length === 16
}

function resummed<T extends object>(slot: T): T {
  try {
    // A slot of the vault under test, as far as the attacks have left it one.
    resum(slot as unknown as Parameters<typeof resum>[0])
  } catch {
    // What canonical JSON cannot say has no checksum; the old one stays away.
    Object.assign(slot, { sum: '0'.repeat(16) })
  }
  return slot
}

function write(value: unknown): string {
  if (value instanceof Raw) return value.text
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, one]) => `${JSON.stringify(key)}:${write(one)}`)
      .join(',')}}`
  return JSON.stringify(value)
}
