// Starts an app the way the Electron binary does: loads its entry module unmodified, then sends `ready`.
import { pathToFileURL } from 'node:url'
import { boot } from './boot.ts'
import { start } from './lifecycle.ts'
import { seam } from './seam.ts'

process.argv = [process.argv0, ...boot.args]

process.on('uncaughtException', (error) => {
  // Electron does nothing when the app has a handler of its own; otherwise it shows a dialog and goes on running.
  if (process.listenerCount('uncaughtException') > 1) return
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  seam.uncaught.push(text)
  console.error(`Uncaught Exception:\n${text}`)
})

// As in Electron, `ready` waits for the entry module, so a top-level `await app.whenReady()` in an ESM entry hangs.
const slow = setTimeout(() => {
  console.error('[standin] the entry module is still loading after 5 s: top-level await on app.whenReady()?')
}, 5000)
try {
  await import(pathToFileURL(boot.main).href)
} catch (error) {
  console.error('App threw an error during load\nUncaught Exception:')
  console.error(error)
  process.exit(1)
}
clearTimeout(slow)
try {
  await start()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
