import type { ImportEntry } from '../../../main/model/import.ts'
import { refuse } from '../fake-api.ts'
import type { FakeHandlers, FakeWorld } from '../fake-api.ts'
import { requireProof } from './fake-ways-in.ts'

type TransferCalls =
  | 'dialogs.pickImportFile'
  | 'dialogs.pickExportFile'
  | 'imports.inspect'
  | 'imports.open'
  | 'imports.take'
  | 'imports.close'
  | 'exports.vault'
  | 'exports.plain'
  | 'exports.credential'

const IMPORT = '00000000000000000000000000000001'
const FILE_PASSWORD = 'file password'

const plain: Omit<ImportEntry, 'number' | 'name' | 'as'> = {
  protocol: 'sftp',
  host: 'web.example',
  port: '22',
  user: 'deploy',
  secrets: ['password'],
  state: 'new',
  problem: null,
  duplicateOf: null,
  notes: [],
}

const found: readonly (Partial<ImportEntry> & { readonly name: string })[] = [
  { name: 'Web server', host: 'web.example', secrets: ['password', 'notes'] },
  {
    name: 'Build machine',
    host: 'build.example',
    port: '2222',
    secrets: ['privateKey', 'passphrase'],
    notes: ['history-left-out'],
  },
  {
    name: 'Attic NAS',
    as: 'Attic NAS (2)',
    host: 'attic.lan',
    user: 'mira',
    state: 'duplicate',
    duplicateOf: 'Attic NAS',
  },
  { name: 'Family share', protocol: 'smb', host: 'files.lan', port: null, user: 'mira', notes: ['no-place'] },
  {
    name: 'Photos bucket',
    protocol: 's3',
    host: 's3.eu.example',
    port: null,
    user: 'AKIAEXAMPLE',
    secrets: ['secretAccessKey'],
  },
  {
    name: 'Router',
    protocol: 'generic',
    host: 'router.lan',
    port: null,
    user: 'admin',
    secrets: ['password', 'PIN'],
  },
  {
    name: 'Old mail',
    protocol: 'sftp',
    host: 'old.example',
    secrets: [],
    state: 'unsupported',
    problem: 'recycle-bin',
  },
  {
    name: 'Credit card',
    protocol: 'generic',
    host: null,
    port: null,
    user: null,
    secrets: [],
    state: 'unsupported',
    problem: 'not-a-sign-in',
  },
  { name: 'Broken', host: 'bad host', secrets: [], state: 'unreadable', problem: 'bad-server' },
  ...Array.from({ length: 40 }, (_, at) => ({ name: `Server ${at + 1}`, host: `s${at + 1}.example` })),
]

/** A believable database of another program; its password is `file password`. */
export function fakeImportEntries(): ImportEntry[] {
  return found.map((entry, at) => ({ ...plain, as: entry.name, ...entry, number: at + 1 }))
}

export function transferCalls(world: FakeWorld): FakeHandlers<TransferCalls> {
  const isText = (given: Uint8Array | null, text: string): boolean =>
    given !== null && new TextDecoder().decode(given) === text
  return {
    'dialogs.pickImportFile': () => ({
      token: '0123456789abcdef0123456789abcdef',
      shown: '/home/mira/Documents/passwords.kdbx',
      names: [],
      count: 0,
    }),
    'dialogs.pickExportFile': ({ name }) => ({
      token: 'fedcba9876543210fedcba9876543210',
      shown: `/home/mira/${name}`,
      names: [],
      count: 0,
    }),
    'imports.inspect': ({ format }) => ({
      format: format ?? 'kdbx',
      isSealed: ['kdbx', 'portable', 'scheme1'].includes(format ?? 'kdbx'),
    }),
    'imports.open': ({ format, password, allowSlowKdf }) => {
      if (format === 'kdbx' && isText(password, 'slow') && !allowSlowKdf)
        throw refuse('slow-kdf', { seconds: 9 })
      if (format === 'kdbx' && !isText(password, FILE_PASSWORD) && !isText(password, 'slow'))
        throw refuse('wrong-password')
      if (format === 'winscp') throw refuse('import-unreadable')
      return { import: IMPORT, entries: format === 'cyberduck' ? [] : fakeImportEntries() }
    },
    'imports.take': ({ numbers }) => ({ added: numbers.length }),
    'imports.close': () => ({}),
    'exports.vault': () => ({}),
    'exports.plain': ({ proof }) => {
      requireProof(world, proof)
      return { count: world.credentials.length }
    },
    'exports.credential': ({ proof, password }) => {
      requireProof(world, proof)
      if (password.length < 12) throw refuse('password-too-short')
      return {}
    },
  }
}
