import type { ErrorCode } from '../../model/error-codes.ts'

/** What happened, and the one thing to do about it (null when there is nothing to do). Plain sentences for people. */
export type ErrorMessage = { readonly sentence: string; readonly cure: string | null }

const message = (sentence: string, cure: string | null = null): ErrorMessage => ({ sentence, cure })

/** One entry per error code; the type makes a missing one a compile error. `{name}` is filled from the error's details. */
export const errorMessages: Readonly<Record<ErrorCode, ErrorMessage>> = {
  'not-found': message(
    'The file or folder is not there.',
    'Check the path, or run the job again if it was just moved.',
  ),
  'wrong-kind': message(
    'A file stands where a folder is expected, or the reverse.',
    'Rename one of the two.',
  ),
  exists: message('Something with this name has appeared there in the meantime.', 'Run the job again.'),
  'not-empty': message(
    'The folder is not empty.',
    'Run the job again; if it stays, look at what is in the folder.',
  ),
  'invalid-name': message('This name cannot be stored on the other side.', 'Rename the file.'),
  'too-large': message(
    'The file is larger than the other side accepts.',
    'Exclude it with a filter, or use another server.',
  ),
  'source-changed': message(
    'The file changed while it was being read.',
    'The next run takes it; nothing is needed.',
  ),
  'permission-denied': message('Access was denied.', 'Check the permissions of the file or folder.'),
  integrity: message(
    'What arrived is not what was sent.',
    'Run the job again; if it repeats, check the disk or the connection.',
  ),
  unreachable: message(
    'The server cannot be reached.',
    'Check the address, the network and that the server is on.',
  ),
  timeout: message('The server did not answer in time.', 'Check the network and try again.'),
  'rate-limited': message('The server asked us to slow down.', 'Try again later.'),
  'server-error': message(
    'The server reported a failure of its own.',
    'Try again; if it repeats, ask whoever runs the server.',
  ),
  'auth-failed': message(
    'The server refused this sign-in.',
    'Edit the server and correct the user name, password or key.',
  ),
  'certificate-unusable': message(
    'The SSH certificate is no user certificate made for this private key, so nothing was sent.',
    'Edit the server and give the certificate that belongs to its key, or remove it.',
  ),
  'untrusted-server': message(
    'The server does not show the identity that was trusted.',
    'Ask whoever runs the server whether its key changed; only then trust the new one.',
  ),
  'quota-exceeded': message(
    'There is no space left on the target.',
    'Free some space and run the job again.',
  ),
  unsupported: message('This is not supported.', 'Choose another way.'),
  closed: message('The connection was closed.', 'Run the job again.'),
  cancelled: message('Cancelled.', null),
  internal: message(
    'Something failed inside Fernsync.',
    'Run again; if it repeats, report it with the log of this run.',
  ),
  usage: message('The command is not complete or not understood.', 'See the help of the command.'),
  'unknown-name': message('There is nothing with this name.', 'List what exists and check the spelling.'),
  'name-taken': message('This name is taken.', 'Choose another name.'),
  'bad-request': message('Something in the input is not valid.', 'Check the marked field.'),
  forbidden: message('This is not allowed from here.', null),
  'no-vault': message('There is no vault yet.', 'Create one first.'),
  'vault-exists': message('There is a vault already.', 'Unlock it, or choose another home folder.'),
  'password-too-short': message(
    'The password is too short.',
    'Use at least 12 characters; several words are best.',
  ),
  'password-invalid': message(
    'The password holds characters that cannot be typed again reliably.',
    'Use another password.',
  ),
  'in-use': message('A job still uses it.', 'Change or remove the job first.'),
  'other-device': message('This job runs on another device.', 'Start it there, or make a new job here.'),
  'unsafe-root': message(
    'This folder must not be synced: it holds whole home folders or data of Fernsync itself.',
    'Choose a folder further down.',
  ),
  'limit-reached': message('A limit of the vault is reached.', 'Remove what is no longer needed.'),
  'home-unusable': message(
    'The home folder of Fernsync cannot be used safely.',
    'Check its owner, permissions and file system.',
  ),
  locked: message('The vault is locked.', 'Unlock it.'),
  'wrong-password': message('The password is wrong.', 'Try again; mind the keyboard layout and Caps Lock.'),
  throttled: message('Too many wrong passwords.', 'Wait a moment, then try again.'),
  'key-file-needed': message(
    'This vault opens with the password and a key file together.',
    'Choose the key file as well.',
  ),
  'key-file-invalid': message(
    'This is not a key file of Fernsync, or it is damaged.',
    'Choose the file that was made for this vault.',
  ),
  'recovery-key-invalid': message(
    'This recovery key has a typing mistake.',
    'Compare it with what you wrote down: nine groups of four characters.',
  ),
  'recovery-key-mistyped': message(
    'The two groups are not those of the new recovery key.',
    'Compare them with what you wrote down.',
  ),
  'slot-missing': message(
    'This vault has no such way in.',
    'Unlock it in another way; "fernsync vault slots" lists them.',
  ),
  'last-slot': message(
    'Without it no password would open this vault.',
    'Keep the password, or set another first.',
  ),
  'slots-left': message(
    'These ways in would stop working: {slots}.',
    'Give each of them now, or name those to give up.',
  ),
  'slow-kdf': message(
    'Unlocking this vault would take unusually long.',
    'Allow it only if you made this vault so.',
  ),
  'no-grant': message('This job may not run while the vault is locked.', 'Unlock the vault.'),
  'needs-sign-in': message(
    'The server refused the sign-in before, so no further attempt was made.',
    'Edit the server and correct its password or key, or test it.',
  ),
  'unpinned-server': message(
    'The identity of this server has not been confirmed yet.',
    'Compare the fingerprint with the server and trust it.',
  ),
  'guard-stopped': message(
    'The run was stopped before it changed anything, to be safe.',
    'Look at the plan and approve it if it is right.',
  ),
  'root-missing': message(
    'The folder to sync is missing.',
    'Connect the disk or restore the folder, then run again.',
  ),
  'root-replaced': message(
    'The folder to sync is not the one that was synced before.',
    'Check that the right disk is connected.',
  ),
  'unread-folder': message(
    'A folder could not be read completely, so nothing was deleted.',
    'Check its permissions and the names in it.',
  ),
  'twin-names': message(
    'Two names differ only in case or accents and cannot both exist on the other side.',
    'Rename one of them.',
  ),
  'stale-item': message('It changed after the plan was made and was left alone.', 'Run the job again.'),
  'conflict-kept': message(
    'Both sides changed; both versions were kept.',
    'Compare the two and keep the right one.',
  ),
  'vault-damaged': message('The vault file is damaged.', 'Restore one of the older copies.'),
  'vault-missing': message(
    'The vault file is missing.',
    'Restore one of the older copies, or put the file back.',
  ),
  'vault-changed': message(
    'The vault file was replaced or changed outside Fernsync.',
    'Restore one of the older copies, or put the right file back.',
  ),
  'vault-newer': message(
    'The vault was written by a newer version of Fernsync.',
    'Update Fernsync on this machine.',
  ),
  busy: message('Another process is using the vault right now.', 'Try again in a moment.'),
  'already-running': message('This job is running already.', 'Wait until it is done, or cancel it.'),
  'worker-crashed': message('The run ended unexpectedly.', 'Run it again; nothing was lost.'),
  'no-space': message('The disk of the home folder is full.', 'Free some space.'),
  'import-unreadable': message(
    'This file cannot be read as what it is said to be.',
    'Check the format, and that the file is whole.',
  ),
  'keychain-unavailable': message('The keychain of this system is not available.', 'Enter the password.'),
  'keychain-locked': message(
    'The keychain of this system is locked.',
    'Unlock the keychain, or enter the password.',
  ),
  'keychain-denied': message('The keychain of this system denied access.', 'Enter the password.'),
}
