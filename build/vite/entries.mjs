/** What is built from what: the one list of entry files, the packages that stay outside, and the native parts denied. */

/**
 * Packages that are not bundled, because they load a binary. They and their platform packages are all that an installed
 * `out/` needs beside it; a test starts the command line and the worker from `out/` plus these only.
 */
export const NATIVE_EXTERNALS = ['@napi-rs/keyring']

/**
 * Optional native parts of ssh2, replaced by a module that throws, so that the app, the command line and the bench run
 * the same pure code on every machine, with a compiler or without.
 */
export const DENIED_NATIVE = [/^cpu-features$/, /\/sshcrypto\.node$/]

/** Processes that both front ends start, and a thread of the process that holds the vault; each front end has its own copy beside its own entry. */
const children = {
  worker: 'main/worker/main.ts',
  'vault-process': 'main/vault-process/main.ts',
  'derive-thread': 'main/vault-process/derive-thread.ts',
  'keychain-helper': 'main/keychain-helper/main.ts',
  'import-process': 'main/import-process/main.ts',
}

/**
 * One Vite build each: `inputs` maps the name of an output file to its entry.
 * The preload is one CommonJS file, because a sandboxed preload can neither be a module nor load a second file.
 *
 * @typedef {{ folder: string, format: 'es' | 'cjs', electron: boolean, inputs: Record<string, string> }} Entry
 */

/** @type {readonly Entry[]} */
export const entries = [
  {
    folder: 'desktop',
    format: 'es',
    electron: true,
    inputs: { main: 'main/desktop/main.ts', ...children },
  },
  { folder: 'desktop', format: 'cjs', electron: true, inputs: { preload: 'main/desktop/preload.ts' } },
  { folder: 'cli', format: 'es', electron: false, inputs: { cli: 'main/cli/main.ts', ...children } },
]

export const RENDERER_PAGE = 'renderer/index.html'
