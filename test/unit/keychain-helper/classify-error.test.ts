import { describe, expect, it } from 'vitest'
import { classifyKeychainError } from '../../../main/keychain-helper/classify-error.ts'

describe('classifyKeychainError', () => {
  it.each([
    ["Couldn't access platform secure storage: SS error: prompt was dismissed", 'locked'],
    ['SS error: unlock prompt was dismissed', 'locked'],
    ['DBus error: org.freedesktop.Secret.Error.IsLocked', 'locked'],
    ['User interaction is not allowed.', 'locked'],
    ['AccessDenied', 'denied'],
    ['Permission denied (os error 13)', 'denied'],
    ['User canceled the operation.', 'denied'],
    ['SS error: result not returned from SS API: no result found', 'unavailable'],
    ['The name org.freedesktop.secrets was not provided by any .service files', 'unavailable'],
    ['Failed to connect to socket /nonexistent/bus: No such file or directory', 'unavailable'],
    ['Unable to autolaunch a dbus-daemon without a $DISPLAY for X11', 'unavailable'],
    ['Message recipient disconnected from message bus without replying', 'unavailable'],
    ['Did not receive a reply', 'unavailable'],
    ['', 'unavailable'],
    ['something that a later version says', 'unavailable'],
  ] as const)('takes "%s" for %s', (message, state) => {
    expect(classifyKeychainError(message)).toBe(state)
  })
})
