/** Why an Electron binary did not start, in words, from what it left behind. Pure: nothing here looks at the machine. */

/** The Debian package of each shared library that Electron loads; Ubuntu 24.04 has some of them with `t64` behind. */
const PACKAGE_OF_LIBRARY = new Map([
  ['libnss3.so', 'libnss3'],
  ['libnssutil3.so', 'libnss3'],
  ['libsmime3.so', 'libnss3'],
  ['libnspr4.so', 'libnspr4'],
  ['libatk-1.0.so.0', 'libatk1.0-0'],
  ['libatk-bridge-2.0.so.0', 'libatk-bridge2.0-0'],
  ['libatspi.so.0', 'libatspi2.0-0'],
  ['libcups.so.2', 'libcups2'],
  ['libdrm.so.2', 'libdrm2'],
  ['libgbm.so.1', 'libgbm1'],
  ['libgtk-3.so.0', 'libgtk-3-0'],
  ['libgdk-3.so.0', 'libgtk-3-0'],
  ['libpango-1.0.so.0', 'libpango-1.0-0'],
  ['libcairo.so.2', 'libcairo2'],
  ['libasound.so.2', 'libasound2'],
  ['libX11.so.6', 'libx11-6'],
  ['libXcomposite.so.1', 'libxcomposite1'],
  ['libXdamage.so.1', 'libxdamage1'],
  ['libXext.so.6', 'libxext6'],
  ['libXfixes.so.3', 'libxfixes3'],
  ['libXrandr.so.2', 'libxrandr2'],
  ['libxcb.so.1', 'libxcb1'],
  ['libxkbcommon.so.0', 'libxkbcommon0'],
  ['libdbus-1.so.3', 'libdbus-1-3'],
  ['libexpat.so.1', 'libexpat1'],
  ['libudev.so.1', 'libudev1'],
  ['libglib-2.0.so.0', 'libglib2.0-0'],
  ['libgobject-2.0.so.0', 'libglib2.0-0'],
  ['libgio-2.0.so.0', 'libglib2.0-0'],
])

/** How to see the window without a screen, or do without the window. */
export const NO_DISPLAY = [
  'There is no screen to show a window on (neither DISPLAY nor WAYLAND_DISPLAY is set).',
  'With a virtual one: xvfb-run -a npm start (Debian: sudo apt-get install -y --no-install-recommends xvfb xauth).',
  'Without a window, the command line does the same: npx --no-install fernsync --help',
]

/** As many lines of unknown output as are of use to a person. */
const SHOWN_LINES = 8

/**
 * What an early end of Electron looked like. `ldd` is the output of `ldd <binary>`, '' when it could not be run.
 *
 * @typedef {{ binary: string, code: number | null, signal: string | null, stderr: string, ldd: string }} EarlyEnd
 */

/**
 * The reason in the first line, then what to do about it; never empty.
 *
 * @param {EarlyEnd} end
 * @returns {string[]}
 */
export function explainElectron(end) {
  return (
    explainLibraries(end) ??
    explainRoot(end) ??
    explainSandbox(end) ??
    explainDisplay(end) ?? [
      `Electron ended at once (${end.signal ?? `exit code ${end.code ?? 'unknown'}`}). Its last words:`,
      ...end.stderr.trim().split('\n').slice(-SHOWN_LINES),
    ]
  )
}

/**
 * The libraries that `ldd` or the loader could not find.
 *
 * @param {{ stderr: string, ldd: string }} end
 * @returns {string[]}
 */
export function missingLibraries({ stderr, ldd }) {
  const fromLdd = [...ldd.matchAll(/^\s*(\S+) => not found/gm)]
  const fromLoader = [...stderr.matchAll(/error while loading shared libraries: (\S+?):/g)]
  return [...new Set([...fromLdd, ...fromLoader].map((match) => match[1] ?? ''))].sort()
}

/** @param {EarlyEnd} end */
function explainLibraries(end) {
  const libraries = missingLibraries(end)
  if (libraries.length === 0) return null
  const known = libraries.flatMap((name) => PACKAGE_OF_LIBRARY.get(name) ?? [])
  const unknown = libraries.filter((name) => !PACKAGE_OF_LIBRARY.has(name))
  const install = `sudo apt-get install -y --no-install-recommends ${[...new Set(known)].join(' ')}`
  return [
    `Electron needs libraries that this machine lacks: ${libraries.join(', ')}.`,
    ...(known.length > 0 ? [`On Debian and Ubuntu: ${install}`] : []),
    ...(unknown.length > 0
      ? [`No package is known here for ${unknown.join(', ')}; apt-file search finds it.`]
      : []),
  ]
}

/** @param {EarlyEnd} end */
function explainRoot({ stderr }) {
  if (!/Running as root without --no-sandbox/.test(stderr)) return null
  return [
    'Electron does not start for root with its sandbox on, and Fernsync is not for root.',
    'Start it as a normal user.',
  ]
}

/** @param {EarlyEnd} end */
function explainSandbox({ stderr, binary }) {
  if (!/No usable sandbox|SUID sandbox helper|setuid_sandbox_host|zygote_host_impl_linux/.test(stderr))
    return null
  const helper = binary.replace(/[^/]+$/, 'chrome-sandbox')
  return [
    'This system does not let Electron build its sandbox: user namespaces are restricted. One of these three helps:',
    `1. for this checkout only: sudo chown root:root '${helper}' && sudo chmod 4755 '${helper}'`,
    `2. an AppArmor profile (Ubuntu 24.04 and later): printf 'abi <abi/4.0>,\\nprofile fernsync-dev "${binary}" flags=(unconfined) { userns, }\\n' | sudo tee /etc/apparmor.d/fernsync-dev && sudo systemctl reload apparmor`,
    '3. for the whole system, until the next boot: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu) or kernel.unprivileged_userns_clone=1 (Debian)',
    'Fernsync is never started with --no-sandbox, because the sandbox is what keeps a broken page away from your files.',
  ]
}

/** @param {EarlyEnd} end */
function explainDisplay({ stderr }) {
  const words =
    /Missing X server or \$DISPLAY|Unable to open X display|cannot open display|platform failed to initialize/i
  return words.test(stderr) ? NO_DISPLAY : null
}
