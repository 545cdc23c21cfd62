import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { app, protocol } from 'electron'
import { defaultHomePath, openHome } from '../adapters/home-folder.ts'
import { explainAndEnd, startDesktop } from './start-desktop.ts'

const programFolder = path.dirname(fileURLToPath(import.meta.url))
const defaultHome = defaultHomePath({
  platform: process.platform,
  environment: process.env,
  userHome: app.getPath('home'),
})

/** `--home=DIR`, then FERNSYNC_HOME, then the platform's app-data folder. */
function chooseHome(argv: readonly string[]): string {
  const flag = argv.find((word) => word.startsWith('--home='))
  return path.resolve(flag?.slice('--home='.length) ?? process.env['FERNSYNC_HOME'] ?? defaultHome)
}

/**
 * Chromium's own files lie in the home folder's device part, so that has to be ours before Electron is told of it. Without a
 * usable one they go to the temp folder: the default place is the default home folder, which must not be filled by mistake.
 */
function placeChromium(homePath: string): { warnings: readonly string[] } | { failure: unknown } {
  try {
    const { device, warnings } = openHome(homePath)
    const folder = path.join(device, 'chromium')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    app.setPath('userData', folder)
    return { warnings }
  } catch (failure) {
    const folder = path.join(app.getPath('temp'), `fernsync-${process.pid}`)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    app.setPath('userData', folder)
    return { failure }
  }
}

const homePath = chooseHome(process.argv)
const placed = placeChromium(homePath)
app.enableSandbox()
protocol.registerSchemesAsPrivileged([
  { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: false } },
])

// Nothing here is awaited at top level: Electron waits for the entry module before it becomes ready.
if ('failure' in placed) {
  void app.whenReady().then(() => {
    explainAndEnd(placed.failure)
  })
} else if (!app.requestSingleInstanceLock()) {
  // The running one shows its window; desktops without a tray rely on it.
  app.exit(0)
} else {
  const isDefault = homePath === path.resolve(defaultHome)
  void app.whenReady().then(() =>
    startDesktop({
      homePath,
      homeWarnings: placed.warnings,
      programFolder,
      isHidden: process.argv.includes('--hidden'),
      loginArgs: ['--hidden', ...(isDefault ? [] : [`--home=${homePath}`])],
    }),
  )
}
