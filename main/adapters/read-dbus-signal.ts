import type { PowerEvent } from '../core/ports/power.ts'

const LINE = /^(\/\S*): ([\w.]+)\.(\w+) (\(.*\))$/

/** Screen savers that say when they begin: KDE and most others, and GNOME. */
export const screenSavers = [
  { name: 'org.freedesktop.ScreenSaver', path: '/org/freedesktop/ScreenSaver' },
  { name: 'org.gnome.ScreenSaver', path: '/org/gnome/ScreenSaver' },
] as const

type Signal = { readonly member: string; readonly body: string }

const readers: Readonly<Record<string, (signal: Signal) => PowerEvent | null>> = {
  'org.freedesktop.login1.Manager': ofManager,
  'org.freedesktop.login1.Session': ({ member }) => (member === 'Lock' ? 'lock-screen' : null),
  'org.freedesktop.DBus.Properties': ofProperties,
  ...Object.fromEntries(screenSavers.map(({ name }) => [name, ofScreenSaver])),
}

/** Where a signal of a session comes from has that session's path. */
const isOfSession = (path: string): boolean => path.startsWith('/org/freedesktop/login1/session/')

/**
 * What one line of `gdbus monitor` means; null for everything else. `ownSession` is the object path of the person's session at
 * logind; while it is null signals of all sessions count, since a lock too many is better than one too few.
 */
export function readDbusSignal(line: string, ownSession: string | null): PowerEvent | null {
  const [, path = '', from = '', member = '', body = ''] = LINE.exec(line) ?? []
  if (isOfSession(path) && ownSession !== null && path !== ownSession) return null
  return Object.hasOwn(readers, from) ? (readers[from]?.({ member, body }) ?? null) : null
}

function ofManager({ member, body }: Signal): PowerEvent | null {
  if (member === 'PrepareForSleep') return body === '(true,)' ? 'suspend' : 'resume'
  return member === 'PrepareForShutdown' && body === '(true,)' ? 'shutdown' : null
}

function ofScreenSaver({ member, body }: Signal): PowerEvent | null {
  return member === 'ActiveChanged' && body === '(true,)' ? 'lock-screen' : null
}

function ofProperties({ member, body }: Signal): PowerEvent | null {
  if (member !== 'PropertiesChanged' || !body.startsWith("('org.freedesktop.login1.Session', ")) return null
  const { isLocked, isActive } = readSessionState(body)
  if (isLocked === true) return 'lock-screen'
  return isActive === false ? 'user-switch' : null
}

/** Properties of a session in GVariant text; null = not among them. */
export function readSessionState(text: string): { isLocked: boolean | null; isActive: boolean | null } {
  return { isLocked: property(text, 'LockedHint'), isActive: property(text, 'Active') }
}

function property(text: string, name: string): boolean | null {
  const value = new RegExp(`'${name}': <(true|false)>`).exec(text)?.[1]
  return value === undefined ? null : value === 'true'
}

/** The object path in `(objectpath '/org/...',)`; null when there is none. */
export function readObjectPath(text: string): string | null {
  return /^\(objectpath '(\/[\w/]+)',\)\s*$/.exec(text)?.[1] ?? null
}
