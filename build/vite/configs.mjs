/** The Vite configurations of the Node side and of the renderer; plain functions, no config file is looked up. */
import tailwind from '@tailwindcss/vite'
import vue from '@vitejs/plugin-vue'
import { builtinModules } from 'node:module'
import path from 'node:path'
import { DENIED_NATIVE, NATIVE_EXTERNALS, RENDERER_PAGE } from './entries.mjs'

const deniedNative = path.join(import.meta.dirname, 'denied-native.mjs')

/** Vite leaves these out of every bundle; the exact names only, so that `events-x` is still bundled. */
const nodeBuiltins = [/^node:/, ...builtinModules.map((name) => new RegExp(`^${name}$`))]

/** @param {string} name */
const withSubpaths = (name) => new RegExp(`^${name.replaceAll('/', '\\/')}(\\/|$)`)

/** @returns {import('vite').Plugin} */
function denyNativeParts() {
  return {
    name: 'fernsync-deny-native-parts',
    enforce: 'pre',
    resolveId: (id) => (DENIED_NATIVE.some((pattern) => pattern.test(id)) ? deniedNative : null),
  }
}

/**
 * Gives ssh2's packet ciphers our view of `crypto`, which makes keys and random bytes ready for many packets at once.
 *
 * @param {string} root
 * @returns {import('vite').Plugin}
 */
function speedUpPackets(root) {
  return {
    name: 'fernsync-packet-crypto',
    enforce: 'pre',
    resolveId: (id, importer) =>
      isPacketCrypto(id, importer) ? path.join(root, 'main/connectors/sftp/packet-crypto.ts') : null,
  }
}

/**
 * @param {string} id
 * @param {string | undefined} importer
 */
function isPacketCrypto(id, importer) {
  return (
    id === 'crypto' && importer !== undefined && /\/ssh2\/lib\/protocol\/crypto\.js$/.test(slashes(importer))
  )
}

/** @param {string} file */
const slashes = (file) => file.replaceAll('\\', '/')

/**
 * Fails a build that pulls in Electron where there is none.
 *
 * @returns {import('vite').Plugin}
 */
function refuseElectron() {
  return {
    name: 'fernsync-refuse-electron',
    enforce: 'pre',
    resolveId(id, importer) {
      if (id === 'electron' || id.startsWith('electron/')) {
        throw new Error(`${importer ?? 'an entry'} imports electron, which the command line must run without`)
      }
      return null
    },
  }
}

/**
 * One build of the Node side: every npm package is bundled, except the native ones, so that a package of the app needs
 * no node_modules beside those and starts without hundreds of small files.
 *
 * @param {{ root: string, outDir: string, entry: import('./entries.mjs').Entry }} options
 * @returns {import('vite').InlineConfig}
 */
export function nodeConfig({ root, outDir, entry }) {
  const isModule = entry.format === 'es'
  const electron = entry.electron ? [/^electron$/, /^electron\//] : []
  const outside = [...electron, ...nodeBuiltins, ...NATIVE_EXTERNALS.map(withSubpaths)]
  return {
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    plugins: [denyNativeParts(), speedUpPackets(root), ...(entry.electron ? [] : [refuseElectron()])],
    ssr: { noExternal: true, external: NATIVE_EXTERNALS },
    // ssh2 is CommonJS and names a file beside itself while it loads; modules have no __dirname.
    define: isModule ? { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' } : {},
    build: {
      ssr: true,
      target: 'node24',
      outDir: path.join(outDir, entry.folder),
      emptyOutDir: false,
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        input: entry.inputs,
        checks: { bundlerTimings: false },
        external: (id, importer) =>
          !isPacketCrypto(id, importer) && outside.some((pattern) => pattern.test(id)),
        output: {
          format: entry.format,
          entryFileNames: isModule ? '[name].js' : '[name].cjs',
          chunkFileNames: 'chunks/[name]-[hash].js',
          ...(isModule ? {} : { codeSplitting: false }),
        },
      },
    },
  }
}

/**
 * The build of the page. Nothing is inlined as a data: URL and no script is injected, because the page runs under a
 * content security policy that allows its own files only; Vue comes without its template compiler, which needs `eval`.
 *
 * @param {{ root: string, outDir: string }} options
 * @returns {import('vite').InlineConfig}
 */
export function rendererConfig({ root, outDir }) {
  return {
    configFile: false,
    root: path.join(root, 'renderer'),
    base: '/',
    logLevel: 'warn',
    publicDir: false,
    plugins: [vue(), tailwind()],
    define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false' },
    resolve: { alias: { vue: 'vue/dist/vue.runtime.esm-bundler.js' } },
    build: {
      target: 'chrome156',
      outDir: path.join(outDir, 'renderer'),
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      sourcemap: false,
      // The dictionaries of the password meter: files of their own, loaded when somebody chooses a password.
      chunkSizeWarningLimit: 1_300,
      rolldownOptions: { input: path.join(root, RENDERER_PAGE), checks: { bundlerTimings: false } },
    },
  }
}
