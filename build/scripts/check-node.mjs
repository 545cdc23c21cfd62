/*
 * Starts every script of package.json: under a Node that is too old it says so in one sentence and exits with 1.
 *
 * Only syntax of ES2018 and import.meta in here, because the Node that must understand this file is by definition the
 * wrong one. Node 12.17 is the oldest that loads an .mjs file at all.
 */
import { existsSync } from 'fs'
import { dirname, join, resolve, sep } from 'path'
import { fileURLToPath } from 'url'

export const NEEDED_MAJOR = 24

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..')

/**
 * The sentence to print for a Node of this version, or null when it is new enough.
 *
 * @param {string} version like `20.20.2`
 * @param {{ installed: boolean, hasPackage: boolean }} here whether `npm install` has brought a Node into this checkout,
 *   and whether there is such a package for this platform at all (not for macOS)
 * @returns {string | null}
 */
export function nodeProblem(version, here) {
  if (Number(version.split('.')[0]) >= NEEDED_MAJOR) return null
  const found = 'Fernsync needs Node ' + NEEDED_MAJOR + ' or newer, and this is Node ' + version + ': '
  if (!here.hasPackage)
    return found + 'install Node ' + NEEDED_MAJOR + ' from https://nodejs.org and try again.'
  if (!here.installed)
    return found + 'run `npm install` here first, which brings Node ' + NEEDED_MAJOR + ' along.'
  return (
    found +
    'use `npm start`, `npm test` or `npx --no-install fernsync`, which run on the Node 24 of this folder.'
  )
}

/** Whether npm has a Node of ours for this platform (the optionalDependencies of package.json). */
function hasNodePackage() {
  const known = ['linux-x64', 'linux-arm64', 'win32-x64']
  return known.indexOf(process.platform + '-' + process.arch) >= 0
}

/**
 * Ends this process with 1 and one sentence on stderr when its Node is too old, and else does nothing.
 *
 * @param {string} version
 */
export function checkNode(version) {
  const binary = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')
  const problem = nodeProblem(version, { installed: existsSync(binary), hasPackage: hasNodePackage() })
  if (problem === null) return
  process.stderr.write(problem + '\n')
  process.exit(1)
}

const isMain = process.argv[1] !== undefined && resolve(process.argv[1]).split(sep).pop() === 'check-node.mjs'
if (isMain) checkNode(process.argv[2] || process.versions.node)
