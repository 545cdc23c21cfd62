/**
 * Builds everything into out/: `node build/vite/build.mjs [--if-stale]`.
 *
 * A build is made beside out/ and then takes its place in one rename, so that a failed or interrupted build leaves the
 * last good one, and whoever starts the app meanwhile never sees half of it.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { build } from 'vite'
import { nodeConfig, rendererConfig } from './configs.mjs'
import { entries, RENDERER_PAGE } from './entries.mjs'
import { linkBins } from '../scripts/link-bins.mjs'
import { rendererManifest } from './renderer-manifest.mjs'
import { isStale, STAMP } from './stale.mjs'

const root = path.resolve(import.meta.dirname, '..', '..')
const out = path.join(root, 'out')

/**
 * @param {string} outDir
 * @returns {Promise<void>}
 */
async function buildInto(outDir) {
  const missing = [RENDERER_PAGE, ...entries.flatMap((entry) => Object.values(entry.inputs))].filter(
    (file) => !existsSync(path.join(root, file)),
  )
  if (missing.length > 0) throw new Error(`entries that do not exist: ${missing.join(', ')}`)
  for (const entry of entries) await build(nodeConfig({ root, outDir, entry }))
  await build(rendererConfig({ root, outDir }))
  const manifest = rendererManifest(path.join(outDir, 'renderer'))
  writeFileSync(path.join(outDir, 'renderer-manifest.json'), JSON.stringify(manifest, null, 2) + '\n')
  // So that a copy of out/ runs anywhere: Node takes a .js file for a module only below such a package.json.
  writeFileSync(path.join(outDir, 'package.json'), '{ "type": "module" }\n')
  const icons = path.join(outDir, 'desktop', 'icons')
  mkdirSync(icons, { recursive: true })
  cpSync(path.join(root, 'build', 'icons'), icons, {
    recursive: true,
    filter: (file) => !file.endsWith('.svg'),
  })
}

/**
 * Puts a finished build in the place of out/. Two builds that end at the same moment both succeed: the later one stays.
 *
 * @param {string} fresh
 */
function replaceOut(fresh) {
  const old = `${fresh}-old`
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (existsSync(out)) renameSync(out, old)
      renameSync(fresh, out)
      break
    } catch (error) {
      // Another build was faster between the two renames; five builds at once is not something people do.
      if (attempt === 5) throw error
    } finally {
      rmSync(old, { recursive: true, force: true })
    }
  }
}

/** Removes what builds left behind that were killed; a folder is named after the process that makes it. */
function removeLeftovers() {
  for (const name of readdirSync(root)) {
    const pid = /^\.out-(\d+)(-old)?$/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid)))
      rmSync(path.join(root, name), { recursive: true, force: true })
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function main() {
  linkBins(root)
  if (process.argv.includes('--if-stale') && !isStale(root, out)) return
  const started = Date.now()
  const fresh = path.join(root, `.out-${process.pid}`)
  removeLeftovers()
  try {
    await buildInto(fresh)
    const stamp = path.join(fresh, STAMP)
    writeFileSync(stamp, '')
    // The time of the start, so that a file saved while the build ran makes it stale.
    utimesSync(stamp, started / 1000, started / 1000)
    replaceOut(fresh)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  console.log(`built out/ in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

try {
  await main()
} catch (error) {
  // Vite's message shows file, line and reason; the stack below it is Vite's own and helps nobody.
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
