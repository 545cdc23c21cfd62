import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { calls } from '../../../main/contract/calls.ts'
import { gunzip } from '../../../main/adapters/gunzip.ts'
import { decodeBase64Url, fromUtf8, utf8 } from '../../../main/core/crypto/bytes.ts'
import { CryptoError } from '../../../main/core/crypto/crypto-error.ts'
import { fernetDecrypt } from '../../../main/core/crypto/fernet.ts'
import { createImportBudget } from '../../../main/core/import/import-budget.ts'
import { needsSourcePassword, readImport } from '../../../main/core/import/read-import.ts'
import { nextRun } from '../../../main/core/jobs/next-run.ts'
import { tryParseSchedule } from '../../../main/core/jobs/parse-schedule.ts'
import { createSettingsFile } from '../../../main/core/store/settings.ts'
import { parseStrictJson, StrictJsonError } from '../../../main/core/store/strict-json.ts'
import { parseCanonicalJson } from '../../../main/core/vault/canonical-json.ts'
import { readDeviceMemory } from '../../../main/core/vault/device-memory.ts'
import { readLocalFile } from '../../../main/core/vault/local-file.ts'
import { readVaultFile } from '../../../main/core/vault/vault-file.ts'
import { VaultMessage, VaultRequest } from '../../../main/core/vault/vault-protocol.ts'
import { AppError } from '../../../main/model/app-error.ts'
import { SealedGrant } from '../../../main/model/grant.ts'
import { importFormats } from '../../../main/model/import.ts'
import { FromWorker, ToWorker } from '../../../main/model/worker-messages.ts'
import { parseTargetLine } from '../../../main/services/target-line.ts'
import { exampleInputs } from '../../contract/examples.ts'
import { createMemoryFileStore } from '../../helpers/memory-file-store.ts'
import { nodeRandom } from '../../../main/adapters/node-random.ts'
import { silent } from './lab.ts'

/** Something that reads what comes from outside. */
export type Target = {
  readonly name: string
  readonly samples: readonly Uint8Array[]
  /** Words of its language, to be put together at random. */
  readonly pieces: readonly string[]
  /** Reads; throws only what a caller expects. */
  readonly read: (bytes: Uint8Array) => unknown
}

const fixtures = join(import.meta.dirname, '../../fixtures')
const pacer = { rest: () => null, turn: () => Promise.resolve() }
const key = new Uint8Array(32)

/** Errors that a reader of ours may end with; any other is one that nobody handles. */
export function isExpected(error: unknown): boolean {
  return error instanceof AppError || error instanceof StrictJsonError || error instanceof CryptoError
}

/** Text as a reader of text is given it: what is not UTF-8 never gets that far. */
const onText =
  (read: (text: string) => unknown) =>
  (bytes: Uint8Array): unknown => {
    let text: string
    try {
      text = fromUtf8(bytes)
    } catch {
      return null
    }
    return read(text)
  }

/** A value as it crosses between processes: JSON stands for what structured clone can carry. */
const onValue = (read: (value: unknown) => unknown): Target['read'] =>
  onText((text) => {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return null
    }
    return read(value)
  })

function filesIn(folder: string): Uint8Array[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => Uint8Array.from(readFileSync(path)))
}

const json = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"',
  '"a"',
  '"__proto__"',
  '1',
  '-1',
  '1e400',
  'null',
  'true',
  '\\u',
  ' ',
]
const vaults = readdirSync(fixtures)
  .filter((name) => /^vault-\d+$/.test(name))
  .map((name) => Uint8Array.from(readFileSync(join(fixtures, name, 'vault.json'))))
const device = utf8(
  '{"format":"fernsync-device/1","device":"d0123456789abcdef","seen":{"d0123456789abcdef":{"epoch":3,"mac":null}},"throttle":{"failures":1,"since":5}}',
)
const request = utf8(
  '{"id":1,"method":"addCredential","args":[{"name":"a","type":"sftp","fields":{},"hostKey":null},{}]}',
)
const grant = utf8(
  '{"v":1,"vault":"00000000-0000-4000-8000-000000000001","agent":"d0123456789abcdef","job":"00000000-0000-4000-8000-000000000001","id":"00000000-0000-4000-8000-000000000002","seq":1,"salt":"AAAA","token":"gAAA"}',
)

async function readDevice(bytes: Uint8Array): Promise<void> {
  const files = createMemoryFileStore()
  files.content.set('device/device.json', bytes)
  await readDeviceMemory({ files, random: nodeRandom, machineIdHash: null })
}

async function readSettings(bytes: Uint8Array): Promise<void> {
  const files = createMemoryFileStore()
  files.content.set('settings.json', bytes)
  await createSettingsFile({ files, lock: { hold: (_, work) => work() }, log: silent }).get()
}

function readSchedule(text: string): void {
  const schedule = tryParseSchedule(text)
  if (schedule !== null) nextRun(schedule, 0, 'Europe/Berlin')
}

function readTarget(text: string): void {
  const [line = '', ...config] = text.split('\n')
  // The call's schema lets no more through.
  parseTargetLine(line.slice(0, 1000), config.join('\n'))
}

const stored: readonly Target[] = [
  { name: 'vault.json', samples: vaults, pieces: json, read: (bytes) => readVaultFile(bytes, pacer) },
  { name: 'local.json', samples: vaults, pieces: json, read: (bytes) => readLocalFile(bytes, pacer, '') },
  { name: 'device.json', samples: [device], pieces: json, read: readDevice },
  {
    name: 'settings.json',
    samples: [utf8('{"format":"fernsync-settings/1","theme":"dark"}')],
    pieces: json,
    read: readSettings,
  },
  {
    name: 'strict JSON',
    samples: [device, grant],
    pieces: json,
    read: (bytes) => parseStrictJson(bytes, { maxBytes: 2 ** 26, numbers: 'any' }),
  },
  { name: 'canonical JSON', samples: [device, grant], pieces: json, read: onText(parseCanonicalJson) },
  {
    name: 'base64url',
    samples: [utf8('AAAA_-8=')],
    pieces: ['A', '=', '_', '-', '+', '/', '\n'],
    read: onText(decodeBase64Url),
  },
  {
    name: 'Fernet token',
    samples: [
      utf8(
        'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==',
      ),
    ],
    pieces: ['gAAAAA', 'A', '=', '_'],
    read: onText((text) => fernetDecrypt(key, text)),
  },
]

const crossing: readonly Target[] = [
  ...Object.entries(exampleInputs).map(([name, example]) => ({
    name: `call ${name}`,
    samples: [utf8(JSON.stringify(example ?? null))],
    pieces: json,
    // Every call's own schema: the names come from its table.
    read: onValue((value) => calls[name as keyof typeof calls].input.safeParse(value)),
  })),
  {
    name: 'vault request',
    samples: [request],
    pieces: json,
    read: onValue((value) => VaultRequest.safeParse(value)),
  },
  {
    name: 'vault message',
    samples: [request],
    pieces: json,
    read: onValue((value) => VaultMessage.safeParse(value)),
  },
  {
    name: 'worker message',
    samples: [request],
    pieces: json,
    read: onValue((value) => [ToWorker.safeParse(value), FromWorker.safeParse(value)]),
  },
  { name: 'grant', samples: [grant], pieces: json, read: onValue((value) => SealedGrant.safeParse(value)) },
]

const typed: readonly Target[] = [
  {
    name: 'target line',
    samples: [utf8('ssh me@nas -p 2222'), utf8('sftp://me@nas:22/dir'), utf8('nas\nHost nas\n HostName h\n')],
    pieces: [
      'ssh ',
      'sftp://',
      '@',
      ':',
      '/',
      '%',
      '%41',
      '-p ',
      '-i ',
      '2222',
      'me',
      '\nHost ',
      '*',
      '\n User ',
      ' ',
    ],
    read: onText(readTarget),
  },
  {
    name: 'schedule',
    samples: ['0 3 * * 1-5', '@daily', 'every:15m', '*/5 0-23/2 1,15 JAN-DEC MON'].map(utf8),
    pieces: ['*', '/', ',', '-', ' ', '0', '59', '99999999', 'L', 'W', '#', 'MON', 'JAN', '@', 'every:', 'm'],
    // The schema of every call and of the command line lets no more through.
    read: onText((text) => readSchedule(text.slice(0, 100))),
  },
]

const imports: readonly Target[] = importFormats.map((format) => ({
  name: `import ${format}`,
  samples: filesIn(join(fixtures, 'import')),
  pieces: [
    ...json,
    '\n',
    'Host ',
    '[a]\n',
    '=',
    ';',
    '<Server>',
    '</Server>',
    '&amp;',
    '<![CDATA[',
    ']]>',
    'host,user\n',
    'RCLONE_ENCRYPT_V0:\n',
  ],
  read: async (bytes) => {
    needsSourcePassword(format, bytes)
    const context = {
      budget: createImportBudget(() => performance.now()),
      password: utf8('pass phrase'),
      keyFile: null,
      localUser: 'me',
    }
    await readImport(format, bytes, context, {
      derive: () => Promise.resolve(new Uint8Array(32)),
      stretch: () => Promise.resolve(new Uint8Array(32)),
      estimateStretchMs: () => Promise.resolve(0),
      gunzip,
      estimateMs: () => Promise.resolve(0),
      pacer,
      allowSlowKdf: true,
    })
  },
}))

/** Everything that parses what comes from outside. */
export const targets: readonly Target[] = [...stored, ...imports, ...typed, ...crossing]
