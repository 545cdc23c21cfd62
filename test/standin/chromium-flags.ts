/** Features off: each either reaches for the network, adds browser UI of its own, or makes renderer ids a matter of luck. */
const DISABLED_FEATURES = [
  'AimEnabled',
  'GlobalMediaControls',
  'HttpsUpgrades',
  'InterestFeedContentSuggestions',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PreconnectToSearch',
  'SpareRendererForSitePerProcess',
  'Translate',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  'WebUIOmniboxPopup',
]

const FIXED = [
  '--remote-debugging-pipe',
  '--no-startup-window',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-back-forward-cache',
  '--disable-background-networking',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-breakpad',
  '--disable-client-side-phishing-detection',
  '--disable-component-extensions-with-background-pages',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-dev-shm-usage',
  '--disable-domain-reliability',
  '--disable-extensions',
  '--disable-field-trial-config',
  '--disable-gpu',
  '--disable-infobars',
  '--disable-ipc-flooding-protection',
  '--disable-quic',
  '--disable-renderer-backgrounding',
  '--disable-search-engine-choice-screen',
  '--disable-sync',
  '--force-color-profile=srgb',
  '--lang=en-US',
  '--password-store=basic',
  '--use-mock-keychain',
  // The second wall behind the interception of every request: no name resolves.
  '--host-resolver-rules=MAP * ~NOTFOUND',
]

/** Switches an app may append in Electron that would take the stand-in's own Chromium away from it. */
const RESERVED =
  /^(user-data-dir|headless|remote-debugging-.*|no-startup-window|host-resolver-rules|app|sandbox)$/

export interface FlagOptions {
  profile: string
  headless: boolean
  /** Opens a debugging port beside the pipe, for Playwright. */
  port: boolean
  root: boolean
  /** What the app appended with app.commandLine, name -> value. */
  appended: ReadonlyMap<string, string>
}

/** Chromium's command line without the executable. */
export function chromiumFlags(options: FlagOptions): string[] {
  const disabled = [...DISABLED_FEATURES, options.appended.get('disable-features')].filter((name) => name)
  const appended = [...options.appended].filter(
    ([name]) => !RESERVED.test(name) && name !== 'disable-features',
  )
  return [
    ...(options.headless ? ['--headless=new'] : []),
    ...(options.root ? ['--no-sandbox', '--test-type'] : []), // Chromium's sandbox refuses root; --test-type hides its banner about that
    ...(options.port ? ['--remote-debugging-port=0'] : []),
    ...FIXED,
    `--user-data-dir=${options.profile}`,
    `--disable-features=${disabled.join(',')}`,
    ...appended.map(([name, value]) => (value === '' ? `--${name}` : `--${name}=${value}`)),
  ]
}
