/** Texts of the settings. */
export const settings = {
  title: 'Settings',
  locking: {
    title: 'Locking',
    body: 'Locking ends the process that holds your keys. Jobs that may run while locked go on.',
    idle: 'Lock when I am away for',
    closed: 'Lock when the window has been closed for',
    session: 'Lock at the latest after',
    sessionHint: 'Counted from when you unlocked, sleep included, even while you work.',
    never: 'Never',
    minutes: (count: number) => (count === 1 ? '1 minute' : `${count} minutes`),
    hours: (count: number) => (count === 1 ? '1 hour' : `${count} hours`),
    screen: 'Lock with the screen',
    suspend: 'Lock when the computer sleeps',
  },
  secrets: {
    title: 'Passwords on screen',
    clipboard: 'Clear a copied password after',
    reveal: 'Hide a shown password after',
    seconds: (seconds: number) => (seconds < 60 ? `${seconds} seconds` : '1 minute'),
  },
  app: {
    title: 'App',
    theme: 'Appearance',
    themes: { system: 'Like the system', light: 'Light', dark: 'Dark' },
    startAtLogin: 'Start when I sign in',
    startHint: 'Scheduled jobs run only while Fernsync is running.',
  },
  protection: {
    password: 'Master password',
    change: 'Change…',
    changed: 'The master password was changed.',
    keychain: 'System keychain',
    keychainWords: {
      off: 'Not used. You enter the password after every start.',
      on: 'Keeps a key that opens the vault on this computer without the password.',
      locked: 'In use, but the keychain was locked when it was asked. Your key is still in it.',
      unavailable: 'In use, but the keychain did not answer. Your key may still be in it.',
    },
    remember: 'Use it…',
    forget: 'Forget the key',
    rememberTitle: 'Open the vault without the password?',
    rememberBody:
      'For 30 days the system keychain keeps a key to your vault. Whoever can use this account while it is signed in can then open the vault. The password itself is never kept.',
    rememberConfirm: 'Use the keychain',
  },
  about: {
    title: 'About',
    version: (version: string) => `Fernsync ${version}`,
    noTray: 'This desktop shows no tray icons. Start Fernsync again to bring this window back.',
  },
} as const
