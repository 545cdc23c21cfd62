/** Checks every import of main/ and renderer/ against the table in layers.mjs: `npm run layers`. */
import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import path from 'node:path'
import ts from 'typescript'
import { layers, packages, SPLIT } from './layers.mjs'

/** @param {string} file @param {string} folder */
const isBelow = (file, folder) => file === folder || file.startsWith(`${folder}/`)

/**
 * The layer of a file, with `home` as the folder it may import freely; null when no layer claims the file.
 *
 * @param {string} file
 */
function layerOf(file) {
  const layer = layers
    .filter(({ at }) => isBelow(file, at))
    .reduce(
      (best, next) => (next.at.length > (best?.at.length ?? 0) ? next : best),
      /** @type {import('./layers.mjs').Layer | null} */ (null),
    )
  if (layer === null) return null
  const split = SPLIT.find(
    (folder) => file.startsWith(`${folder}/`) && file.indexOf('/', folder.length + 1) > 0,
  )
  const home = split === undefined ? layer.at : file.slice(0, file.indexOf('/', split.length + 1))
  return { ...layer, home }
}

/**
 * What a file imports, in any form (import, export from, import(), require, import type): the text and whether only types.
 *
 * @param {string} file
 * @param {string} text
 * @returns {{ name: string, typeOnly: boolean }[]}
 */
function importsOf(file, text) {
  const code = file.endsWith('.vue')
    ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((m) => m[1]).join('\n')
    : text
  const names = ts.preProcessFile(code, true, true).importedFiles.map(({ fileName }) => fileName)
  return names.map((name) => {
    const quoted = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    const all = code.match(new RegExp(`['"]${quoted}['"]`, 'g'))?.length ?? 0
    const asType =
      code.match(new RegExp(`^\\s*(?:import|export)\\s+type\\b[^'"]*?['"]${quoted}['"]`, 'gm'))?.length ?? 0
    return { name, typeOnly: asType === all }
  })
}

/**
 * Why this import of a package is forbidden, or null.
 *
 * @param {string} file
 * @param {string} name
 */
function packageProblem(file, name) {
  const packageName = name.split('/', name.startsWith('@') ? 2 : 1).join('/')
  const folders = packages[packageName]
  if (folders === undefined) return 'this package is not listed in layers.mjs'
  return folders.some((folder) => isBelow(file, folder))
    ? null
    : `this package belongs to ${folders.join(', ')}`
}

/**
 * Why this import is forbidden, or null.
 *
 * @param {string} file path from the root, with `/`
 * @param {{ name: string, typeOnly: boolean }} imported
 */
function problemOf(file, { name, typeOnly }) {
  const layer = layerOf(file)
  if (layer === null) return 'this folder is in no layer of layers.mjs'
  if (isBuiltin(name)) {
    const isAllowed = layer.node?.some((allowed) => allowed === '*' || allowed === name) ?? false
    return isAllowed ? null : `not a Node module of this layer: ${layer.why}`
  }
  if (!name.startsWith('.')) return packageProblem(file, name)
  const target = path.posix.join(path.posix.dirname(file), name)
  if ([layer.home, ...layer.may].some((folder) => isBelow(target, folder))) return null
  const hasTypes = layer.types?.some((folder) => isBelow(target, folder)) ?? false
  if (!hasTypes) return layer.why
  return typeOnly ? null : `only types may be imported from there: ${layer.why}`
}

/**
 * One line per forbidden import of one file, `file: imports 'x': why`.
 *
 * @param {string} file path from the root, with `/`
 * @param {string} text
 * @returns {string[]}
 */
export function checkFile(file, text) {
  return importsOf(file, text).flatMap((imported) => {
    const problem = problemOf(file, imported)
    return problem === null ? [] : [`${file}: imports '${imported.name}': ${problem}`]
  })
}

/**
 * The same for the whole tree.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function checkTree(root) {
  return ['main', 'renderer'].flatMap((top) =>
    readdirSync(path.join(root, top), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ts|mts|js|mjs|vue)$/.test(name))
      .sort()
      .flatMap((name) => {
        const file = [top, ...name.split(path.sep)].join('/')
        return checkFile(file, readFileSync(path.join(root, file), 'utf8'))
      }),
  )
}

if (process.argv[1] === import.meta.filename) {
  const problems = checkTree(path.resolve(import.meta.dirname, '..', '..'))
  for (const problem of problems) console.error(problem)
  console.log(problems.length === 0 ? 'layers: clean' : `layers: ${problems.length} forbidden imports`)
  process.exitCode = problems.length === 0 ? 0 : 1
}
