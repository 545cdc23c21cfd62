/** Texts of the unlock window. */
export const unlock = {
  password: 'Master password',
  unlock: 'Unlock',
  opening: 'Opening…',
  welcomeBack: 'Welcome back',
  unlockBody: 'Enter your master password to unlock Fernsync.',
  keychain: {
    locked: {
      title: 'The keychain of this system is locked.',
      help: 'Your key is still in it. Unlock the keychain and start Fernsync again, or enter your master password.',
    },
    unavailable: {
      title: 'The keychain of this system does not answer.',
      help: 'Your key may still be in it, and Fernsync asks again for half a minute. You can also enter your master password.',
    },
  },
  unlockBodyWithFile: 'Enter your master password and choose your key file.',
  empty: 'Enter your master password.',
  waitSeconds: (seconds: number) => `Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
  forgot: 'Forgot your password?',
  olderCopies: 'Older copies…',
  slow: {
    title: 'Unlocking this vault takes unusually long',
    body: (seconds: number | null) =>
      seconds === null
        ? 'Allow it only if you made this vault so. Then enter the password again.'
        : `It would take about ${seconds} seconds. Allow it only if you made this vault so. Then enter the password again.`,
    allow: 'Allow it',
    allowed: 'Allowed for the next try.',
  },
  create: {
    title: 'Create your vault',
    body: 'Everything Fernsync keeps for you is encrypted with one password that only you know.',
    password: 'Choose a master password',
    hint: 'At least 12 characters. Several random words are best.',
    confirm: 'Type it again',
    create: 'Create vault',
    tooShort: 'Use at least 12 characters.',
    mismatch: 'The two passwords differ.',
    noRecovery: 'Nobody can recover a lost password.',
    noRecoveryHelp: 'Not we, not anyone. Write it down and keep it in a safe place.',
    understood: 'I understand, and I have written it down',
    mustUnderstand: 'Confirm that you have written it down.',
  },
  strength: {
    label: 'Password strength',
    words: ['Very weak', 'Weak', 'Fair', 'Good', 'Strong'],
    hints: {
      common: 'Close to a password that is often used.',
      repeat: 'Repeats are easy to guess.',
      sequence: 'Sequences are easy to guess.',
      dates: 'Dates are easy to guess.',
      more: 'Add another word or two.',
    },
  },
  forgotDialog: {
    title: 'Forgot your password?',
    body: 'The password is the only key to the vault. Nobody can reset it, but there are two things you can try.',
    recoveryTitle: 'Use your recovery key',
    recoveryBody: 'The nine groups you wrote down open the vault, and you choose a new password.',
    useRecovery: 'Use recovery key',
    bodyWithRecovery: 'Nobody can reset the password, but there are three things you can try.',
    olderTitle: 'Go back to an older copy',
    olderBody:
      'If you changed the password lately and remember the one before, an older copy may still open with it.',
    freshTitle: 'Start over',
    freshBody:
      'Your vault is set aside under a new name, never deleted. You begin with an empty one, and can return if the password comes back to you.',
    startOver: 'Start over…',
  },
  restore: {
    choose: 'Older copies',
    none: 'There is no older copy.',
    copy: (n: number) => (n === 1 ? 'Last copy' : `${n} copies back`),
    damaged: 'Damaged',
    restore: 'Restore',
    confirmTitle: 'Restore this copy?',
    confirmBody: (when: string) =>
      `The vault goes back to how it was ${when}. The file that is there now is kept beside it.`,
  },
  startOver: {
    confirmTitle: 'Start over with an empty vault?',
    confirmBody:
      'The old vault is set aside, not deleted. Jobs stop until you set them up again; files on your disks and servers stay as they are.',
    confirm: 'Start over',
    kept: (name: string) => `The old vault was kept as ${name}.`,
  },
  broken: {
    damaged: {
      title: 'The vault file is damaged',
      body: 'It cannot be read, or was changed outside Fernsync. It is left untouched. An older copy usually opens.',
    },
    missing: {
      title: 'The vault file is missing',
      body: 'This computer knows a vault, but its file is gone. Restore an older copy, or put the file back and look again.',
    },
    newer: {
      title: 'This vault needs a newer Fernsync',
      body: 'It was written by a newer version. Update Fernsync on this computer; nothing was changed.',
    },
    lookAgain: 'Look again',
    home: 'Where it is',
  },
  changePassword: {
    title: 'Change master password',
    body: 'Older copies of the vault are replaced, so that the old password opens nothing any more.',
    current: 'Current password',
    byRecovery: 'I do not know the password: use the recovery key',
    byPassword: 'Use the current password instead',
    change: 'Change password',
    changed: 'The master password was changed.',
  },
} as const
