/** Type checks every tsconfig.*.json, two at a time: `npm run types [-- name ...]`. */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'

/** Two, because each check takes one core and up to a gigabyte. */
const MAX_PARALLEL = 2

const root = path.resolve(import.meta.dirname, '..', '..')

/** Only vue-tsc reads .vue files; elsewhere plain tsc is faster. */
const NEEDS_VUE = new Set(['tsconfig.renderer.json', 'tsconfig.test.json'])

/**
 * @param {string} config
 * @returns {Promise<{ config: string, code: number, output: string, seconds: number }>}
 */
function check(config) {
  const started = Date.now()
  const tool = NEEDS_VUE.has(config) ? 'vue-tsc/bin/vue-tsc.js' : 'typescript/bin/tsc'
  const args = [
    path.join(root, 'node_modules', ...tool.split('/')),
    '--noEmit',
    '--pretty',
    'false',
    '-p',
    config,
  ]
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => (output += String(chunk)))
    child.stderr.on('data', (chunk) => (output += String(chunk)))
    child.once('error', reject)
    child.once('close', (code) =>
      resolve({ config, code: code ?? 1, output, seconds: (Date.now() - started) / 1000 }),
    )
  })
}

const wanted = process.argv.slice(2).map((name) => `tsconfig.${name}.json`)
const queue = readdirSync(root)
  .filter((name) => /^tsconfig\.(?!base\.).+\.json$/.test(name))
  .filter((name) => wanted.length === 0 || wanted.includes(name))
  .sort()

async function work() {
  for (let config = queue.shift(); config !== undefined; config = queue.shift()) {
    const result = await check(config)
    process.stdout.write(result.output)
    console.log(`${result.code === 0 ? 'ok  ' : 'FAIL'} ${config} (${result.seconds.toFixed(1)} s)`)
    if (result.code !== 0) process.exitCode = 1
  }
}

await Promise.all(Array.from({ length: MAX_PARALLEL }, work))
