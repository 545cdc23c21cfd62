/**
 * Who may import whom: the table of ARCHITECTURE.md as data. check-layers reads it, and eslint.config.js makes its
 * import zones of it, so that an editor shows a mistake at once.
 *
 * A file belongs to the longest `at` that its path starts with. It may import files below its own `at`, below `may`, and,
 * for types only, below `types`. `node` lists the modules of Node it may use (`*` = all). `why` ends the error message.
 *
 * @typedef {{ at: string, may: string[], types?: string[], node?: string[], why: string }} Layer
 */

/** @type {readonly Layer[]} */
export const layers = [
  { at: 'main/model', may: [], why: 'the model is plain data that runs anywhere' },
  { at: 'main/contract', may: ['main/model'], why: 'the contract describes calls and runs anywhere' },
  { at: 'main/messages', may: ['main/model'], why: 'messages are data that runs anywhere' },
  { at: 'main/core', may: ['main/model'], why: 'core gets every effect through core/ports' },
  {
    at: 'main/core/crypto',
    may: ['main/model', 'main/core'],
    node: ['node:crypto'],
    why: 'crypto is pure functions on bytes',
  },
  {
    at: 'main/connectors',
    may: ['main/model', 'main/core/remote', 'main/core/ports'],
    node: [
      'node:net',
      'node:tls',
      'node:http',
      'node:https',
      'node:stream',
      'node:stream/promises',
      'node:events',
    ],
    why: 'a connector knows its protocol and the Remote contract',
  },
  {
    at: 'main/connectors/local',
    may: ['main/model', 'main/core/remote', 'main/core/ports'],
    node: ['node:fs', 'node:fs/promises', 'node:path', 'node:crypto', 'node:stream', 'node:buffer'],
    why: 'the local connector adds the file system and nothing else',
  },
  {
    at: 'main/connectors/sftp',
    may: ['main/model', 'main/core/remote', 'main/core/ports'],
    node: ['node:net', 'node:crypto', 'node:stream', 'node:events', 'node:buffer'],
    why: 'the sftp connector knows its protocol and the Remote contract',
  },
  {
    at: 'main/connectors/memory',
    may: ['main/model', 'main/core/remote', 'main/core/ports'],
    why: 'memory only',
  },
  {
    at: 'main/connectors/registry.ts',
    may: ['main/connectors', 'main/core/remote', 'main/model'],
    why: 'the registry lists the connectors and does nothing else',
  },
  { at: 'main/adapters', may: ['main/core', 'main/model'], node: ['*'], why: 'adapters implement ports' },
  {
    at: 'main/services',
    may: ['main/contract', 'main/messages', 'main/core', 'main/connectors/registry.ts', 'main/model'],
    why: 'services are use-cases over core and ports, the same for both front ends',
  },
  {
    at: 'main/worker',
    may: ['main/core', 'main/connectors/registry.ts', 'main/adapters', 'main/model'],
    node: ['*'],
    why: 'a worker runs one job and knows neither services nor front ends',
  },
  {
    at: 'main/vault-process',
    may: ['main/core', 'main/adapters', 'main/model'],
    node: ['*'],
    why: 'the process that holds the vault key has no connector, no service and no front end in it',
  },
  {
    at: 'main/import-process',
    may: ['main/core', 'main/adapters', 'main/model'],
    node: ['*'],
    why: 'the process that reads files of other programs has no vault, no service and no front end in it',
  },
  {
    at: 'main/keychain-helper',
    may: ['main/core/ports', 'main/model', 'main/adapters/child-channel.ts'],
    node: ['*'],
    why: 'the helper makes one keychain call and ends',
  },
  {
    at: 'main/cli',
    may: ['main/services', 'main/messages', 'main/adapters', 'main/core/ports', 'main/model', 'package.json'],
    types: ['main/contract'], // services answer in these types
    node: ['*'],
    why: 'the command line composes services and adapters; rules live in core',
  },
  {
    at: 'main/desktop',
    may: [
      'main/services',
      'main/messages',
      'main/adapters',
      'main/contract',
      'main/core/ports',
      'main/model',
    ],
    node: ['*'],
    why: 'the desktop shell composes services and adapters; rules live in core',
  },
  {
    at: 'renderer',
    may: ['renderer', 'main/messages'],
    types: ['main/contract', 'main/model'],
    why: 'the page gets data through renderer/api and types from the contract',
  },
  {
    at: 'renderer/api',
    may: ['main/messages'],
    types: ['main/contract', 'main/model'],
    why: 'renderer/api is the one way to the main side and knows no screen',
  },
  {
    at: 'renderer/ui',
    may: ['renderer/styles'],
    why: 'components of renderer/ui know nothing of the domain',
  },
  { at: 'renderer/styles', may: [], why: 'styles are tokens and nothing else' },
  {
    at: 'renderer/i18n',
    may: ['main/messages'],
    types: ['main/contract', 'main/model'],
    why: 'texts depend on no screen',
  },
  {
    at: 'renderer/proofs',
    may: ['renderer/ui', 'renderer/api', 'renderer/i18n', 'renderer/styles', 'main/messages'],
    types: ['main/contract', 'main/model'],
    why: 'what proves that a vault is somebody’s is asked for in several features and knows none of them',
  },
  {
    at: 'renderer/features',
    may: [
      'renderer/ui',
      'renderer/api',
      'renderer/i18n',
      'renderer/styles',
      'renderer/proofs',
      'main/messages',
    ],
    types: ['main/contract', 'main/model'],
    why: 'a feature is built from ui and api, never from another feature',
  },
]

/** Folders each of whose direct sub-folders is a layer of its own: a feature never imports a feature. */
export const SPLIT = ['renderer/features', 'main/connectors']

/**
 * Every npm package that the app may use, and the folders or files that may use it, by import of a value or of a type.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const packages = {
  // Whoever takes something in parses it, so all of them but the ones that only hold data or words.
  zod: [
    'main/model',
    'main/contract',
    'main/core',
    'main/adapters',
    'main/connectors',
    'main/services',
    'main/worker',
    'main/vault-process',
    'main/import-process',
    'main/keychain-helper',
    'main/cli',
    'main/desktop',
  ],
  lowdb: ['main/core/store', 'main/adapters'],
  croner: ['main/core/jobs'],
  tweetnacl: ['main/core/crypto'],
  'hash-wasm': ['main/core/crypto'],
  '@noble/ciphers': ['main/core/crypto'],
  ignore: ['main/core/sync'],
  ssh2: ['main/connectors/sftp'],
  commander: ['main/cli'],
  '@napi-rs/keyring': ['main/keychain-helper'],
  electron: ['main/desktop'],
  vue: ['renderer'],
  'vue-router': ['renderer'],
  'reka-ui': ['renderer/app', 'renderer/ui', 'renderer/features'],
  '@lucide/vue': ['renderer/app', 'renderer/ui', 'renderer/features', 'renderer/proofs'],
  '@zxcvbn-ts/core': ['renderer/proofs'],
  '@zxcvbn-ts/language-common': ['renderer/proofs'],
  '@zxcvbn-ts/language-en': ['renderer/proofs'],
}
