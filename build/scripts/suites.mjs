/** The suites of `npm test` in their order, what each needs of the machine, and what that means on this one. */

const SSH = ['openssh-server', 'openssh-client', 'openssh-sftp-server']
const PYTHON = ['python3', 'python3-cryptography']
const BUS = ['dbus', 'libglib2.0-bin']
const KEYRING = [...BUS, 'gnome-keyring', 'libsecret-tools']
const SCREEN = ['chromium', 'xvfb', 'xauth', 'fonts-dejavu-core']

/** What only `npm run bench` needs beyond the above. */
export const BENCH_PACKAGES = [...SSH, ...PYTHON, 'rclone', 'rsync', 'iproute2']

/**
 * `steps` are npm scripts, `vitest` a project of vitest.config.ts, `playwright` the kind of Electron to drive.
 *
 * @typedef {{ steps: string[] } | { vitest: string } | { playwright: 'standin' | 'real' }} Work
 * @typedef {{ packages?: string[], root?: true, realElectron?: true }} Needs
 * @typedef {{ name: string, isQuick: boolean, work: Work, needs: Needs }} Suite
 * @typedef {{ isRoot: boolean, hasApt: boolean, hasElectron: boolean, isCi: boolean, missing: (names: string[]) => string[] }} Machine
 * @typedef {{ suite: Suite, verdict: 'run' } | { suite: Suite, verdict: 'fail', reason: string, packages: string[] }
 *   | { suite: Suite, verdict: 'not-run', reason: string, counts: boolean }} Plan
 */

/** @type {readonly Suite[]} */
export const suites = [
  {
    name: 'check',
    isQuick: true,
    work: { steps: ['format:check', 'lint', 'types', 'layers'] },
    needs: {},
  },
  { name: 'unit', isQuick: true, work: { vitest: 'unit' }, needs: {} },
  { name: 'renderer', isQuick: true, work: { vitest: 'renderer' }, needs: {} },
  { name: 'contract', isQuick: true, work: { vitest: 'contract' }, needs: {} },
  { name: 'conformance', isQuick: false, work: { vitest: 'conformance' }, needs: { packages: SSH } },
  {
    name: 'integration',
    isQuick: false,
    work: { vitest: 'integration' },
    needs: { packages: [...SSH, ...PYTHON, ...KEYRING] },
  },
  // Alone, after what is quick to fail: the processes it kills and stops want the machine to themselves.
  { name: 'torture', isQuick: false, work: { vitest: 'torture' }, needs: { packages: PYTHON } },
  {
    name: 'e2e',
    isQuick: false,
    work: { playwright: 'standin' },
    needs: { packages: [...SCREEN, ...SSH, ...KEYRING] },
  },
  {
    name: 'e2e on real Electron',
    isQuick: false,
    work: { playwright: 'real' },
    needs: { packages: [...SCREEN, ...SSH, ...KEYRING], realElectron: true },
  },
]

/**
 * What happens with a suite on this machine. A need that an install can meet fails the suite, with the command; one that
 * this machine can never meet leaves it out, which `counts` as a failure where everything has to run (real Electron
 * excepted, whose binary many machines cannot fetch).
 *
 * @param {Suite} suite
 * @param {Machine} machine `missing` answers which Debian packages are not there, after any install was tried
 * @returns {Plan}
 */
export function planSuite(suite, machine) {
  const { needs } = suite
  if (needs.realElectron && !machine.hasElectron) {
    return { suite, verdict: 'not-run', reason: 'its binary: npx install-electron', counts: false }
  }
  if (needs.root && !machine.isRoot) {
    return { suite, verdict: 'not-run', reason: 'root', counts: machine.isCi }
  }
  const packages = machine.missing(needs.packages ?? [])
  if (packages.length === 0) return { suite, verdict: 'run' }
  if (!machine.hasApt) {
    const reason = `Debian, or what these of its packages hold: ${packages.join(' ')}`
    return { suite, verdict: 'not-run', reason, counts: machine.isCi }
  }
  return { suite, verdict: 'fail', reason: `missing Debian packages: ${packages.join(' ')}`, packages }
}

/**
 * @typedef {{ name: string, passed: number, failed: number, skipped: number, seconds: number }} Row
 */

/**
 * The table, what was not run, and as last line `N passed, N failed`.
 *
 * @param {readonly Row[]} rows
 * @param {readonly Plan[]} plans
 * @param {readonly string[]} problems failures beside the tests, for example a port left open
 * @returns {{ lines: string[], failed: number }}
 */
export function summary(rows, plans, problems) {
  const notRun = plans.flatMap((plan) => (plan.verdict === 'not-run' ? [plan] : []))
  const passed = rows.reduce((sum, row) => sum + row.passed, 0)
  const failedTests = rows.reduce((sum, row) => sum + row.failed, 0)
  const failed = failedTests + problems.length + notRun.filter(({ counts }) => counts).length
  const width = Math.max(5, ...rows.map(({ name }) => name.length))
  /** @param {(string | number)[]} cells */
  const line = ([name, ...cells]) =>
    String(name).padEnd(width) + cells.map((cell) => String(cell).padStart(10)).join('')
  return {
    failed,
    lines: [
      line(['suite', 'passed', 'failed', 'skipped', 'seconds']),
      ...rows.map((row) => line([row.name, row.passed, row.failed, row.skipped, row.seconds.toFixed(1)])),
      ...problems.map((problem) => `FAILED: ${problem}`),
      ...notRun.map((plan) => `NOT RUN: ${plan.suite.name} (needs ${plan.reason})`),
      `${passed} passed, ${failed} failed`,
    ],
  }
}

/**
 * Counts from the JSON report of Vitest; null when it is not one.
 *
 * @param {unknown} report
 */
export function vitestCounts(report) {
  if (!isRecord(report)) return null
  const {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: pending,
    testResults: files,
  } = report
  if (typeof passed !== 'number' || typeof failed !== 'number' || !Array.isArray(files)) return null
  // A file that throws while it loads holds no test to count; it is one failure all the same.
  const broken = files.filter(
    (file) =>
      isRecord(file) &&
      file.status === 'failed' &&
      Array.isArray(file.assertionResults) &&
      file.assertionResults.length === 0,
  )
  return { passed, failed: failed + broken.length, skipped: typeof pending === 'number' ? pending : 0 }
}

/**
 * Counts from the JSON report of Playwright; null when it is not one. A test that passed only when repeated has failed.
 *
 * @param {unknown} report
 */
export function playwrightCounts(report) {
  const stats = isRecord(report) ? report.stats : null
  if (!isRecord(stats)) return null
  const { expected, unexpected, flaky, skipped } = stats
  if (typeof expected !== 'number' || typeof unexpected !== 'number') return null
  return {
    passed: expected,
    failed: unexpected + (typeof flaky === 'number' ? flaky : 0),
    skipped: typeof skipped === 'number' ? skipped : 0,
  }
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isRecord(value) {
  return typeof value === 'object' && value !== null
}
