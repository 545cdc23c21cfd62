/** Fetches the Electron binary as `install-electron` does, but with progress, a deadline, and a memory for refusals. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

/** How long the server may take to send its first byte. */
const CONNECT_MS = 10_000

/** How long a failed download is not tried again by itself. */
export const REFUSAL_MS = 24 * 60 * 60 * 1000

/** @param {string} root */
const refusalFile = (root) => path.join(root, 'node_modules', '.cache', 'fernsync', 'electron-refused.json')

/**
 * The reason of a refusal that is not older than a day, or null. A damaged or future note counts as none.
 *
 * @param {string | null} text content of the note
 * @param {number} now ms since the epoch
 * @returns {string | null}
 */
export function standingRefusal(text, now) {
  if (text === null) return null
  try {
    const note = /** @type {unknown} */ (JSON.parse(text))
    if (typeof note !== 'object' || note === null || !('at' in note) || !('reason' in note)) return null
    if (typeof note.at !== 'number' || typeof note.reason !== 'string') return null
    return now >= note.at && now - note.at < REFUSAL_MS ? note.reason : null
  } catch {
    return null
  }
}

/**
 * Downloads and unpacks the binary. Answers null on success, else why it is not there, in a few words.
 *
 * @param {{ root: string, isRetry: boolean, now: number }} options
 * @returns {Promise<string | null>}
 */
export async function downloadElectron({ root, isRetry, now }) {
  const file = refusalFile(root)
  const refusal = isRetry ? null : standingRefusal(existsSync(file) ? readFileSync(file, 'utf8') : null, now)
  if (refusal !== null) return `${refusal}; not tried again for a day, or with npm start -- --retry`
  try {
    await fetchArtifact(root)
    await unpack(root)
    rmSync(file, { force: true })
    return null
  } catch (error) {
    const reason = reasonOf(error)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify({ at: now, reason }) + '\n')
    return reason
  }
}

/** @param {string} root */
async function fetchArtifact(root) {
  const requireFromElectron = createRequire(path.join(root, 'node_modules', 'electron', 'package.json'))
  const { version } = requireFromElectron('./package.json')
  const { downloadArtifact } = await import(pathToFileURL(requireFromElectron.resolve('@electron/get')).href)
  console.log(`Downloading Electron ${version} ...`)
  const controller = new AbortController()
  const deadline = setTimeout(() => controller.abort(new Error('no answer within 10 s')), CONNECT_MS)
  let shown = -1
  try {
    await downloadArtifact({
      version,
      artifactName: 'electron',
      platform: process.platform,
      arch: process.arch,
      cacheRoot: process.env.electron_config_cache,
      checksums: requireFromElectron('./checksums.json'),
      downloadOptions: {
        quiet: true,
        signal: controller.signal,
        /** @param {{ percent: number }} progress */
        getProgressCallback: ({ percent }) => {
          clearTimeout(deadline)
          const step = Math.floor(percent * 10) * 10
          if (step > shown) process.stdout.write(`  ${step} %\n`)
          shown = Math.max(shown, step)
          return Promise.resolve()
        },
      },
    })
  } finally {
    clearTimeout(deadline)
  }
}

/**
 * Electron's own installer finds the file in the cache and unpacks it.
 *
 * @param {string} root
 * @returns {Promise<void>}
 */
function unpack(root) {
  const installer = path.join(root, 'node_modules', 'electron', 'install.js')
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [installer], { cwd: root, stdio: 'inherit' })
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`unpacking it failed (exit code ${code ?? 'unknown'})`)),
    )
  })
}

/** The innermost message: fetch hides "getaddrinfo ENOTFOUND ..." below "fetch failed". @param {unknown} error */
function reasonOf(error) {
  let innermost = error
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause
  return innermost instanceof Error ? (innermost.message.split('\n')[0] ?? '') : String(innermost)
}
