import { describe, expect, it } from 'vitest'
import { readDbusSignal, readObjectPath, readSessionState } from '../../../main/adapters/read-dbus-signal.ts'

const own = '/org/freedesktop/login1/session/_32'
const session = 'org.freedesktop.login1.Session'
const manager = '/org/freedesktop/login1: org.freedesktop.login1.Manager'
const changed = `org.freedesktop.DBus.Properties.PropertiesChanged ('${session}', `

describe('readDbusSignal', () => {
  it.for([
    [`${own}: ${session}.Lock ()`, 'lock-screen'],
    [`${own}: ${changed}{'LockedHint': <true>}, @as [])`, 'lock-screen'],
    [`${own}: ${changed}{'Active': <false>, 'LockedHint': <false>}, @as [])`, 'user-switch'],
    [`${own}: ${changed}{'State': <'online'>, 'Active': <false>}, ['IdleHint'])`, 'user-switch'],
    [`${manager}.PrepareForSleep (true,)`, 'suspend'],
    [`${manager}.PrepareForSleep (false,)`, 'resume'],
    [`${manager}.PrepareForShutdown (true,)`, 'shutdown'],
    ['/org/gnome/ScreenSaver: org.gnome.ScreenSaver.ActiveChanged (true,)', 'lock-screen'],
    ['/ScreenSaver: org.freedesktop.ScreenSaver.ActiveChanged (true,)', 'lock-screen'],
  ] as const)('reads %s as %s', ([line, event]) => {
    expect(readDbusSignal(line, own)).toBe(event)
  })

  it.for([
    '',
    'Monitoring signals from all objects owned by org.gnome.ScreenSaver',
    'The name org.gnome.ScreenSaver is owned by :1.7',
    `${own}: ${session}.Unlock ()`,
    `${own}: ${changed}{'LockedHint': <false>}, @as [])`,
    `${own}: ${changed}{'Active': <true>}, @as [])`,
    `${own}: ${changed}@a{sv} {}, ['LockedHint'])`,
    `${own}: org.freedesktop.DBus.Properties.PropertiesChanged ('com.example', {'LockedHint': <true>}, @as [])`,
    `${own}: org.freedesktop.DBus.Properties.Lock ()`,
    `${manager}.PrepareForShutdown (false,)`,
    `${manager}.Lock ()`,
    `${manager}.SessionNew ('7', objectpath '/org/freedesktop/login1/session/_37')`,
    '/org/gnome/ScreenSaver: org.gnome.ScreenSaver.ActiveChanged (false,)',
    '/org/gnome/ScreenSaver: org.gnome.ScreenSaver.WakeUpScreen ()',
    '/: constructor.constructor (true,)',
    '/: __proto__.ActiveChanged (true,)',
    `x ${own}: ${session}.Lock ()`,
  ])('passes over %s', (line) => {
    expect(readDbusSignal(line, own)).toBeNull()
  })

  it('passes over the sessions of others, unless nobody knows which one is ours', () => {
    const line = `/org/freedesktop/login1/session/_37: ${session}.Lock ()`
    expect([readDbusSignal(line, own), readDbusSignal(line, null)]).toEqual([null, 'lock-screen'])
  })
})

describe('readSessionState', () => {
  it.for([
    ["({'Active': <true>, 'LockedHint': <false>, 'Id': <'2'>},)", { isLocked: false, isActive: true }],
    ["({'LockedHint': <true>},)", { isLocked: true, isActive: null }],
    ['', { isLocked: null, isActive: null }],
    ["({'Active': <'true'>},)", { isLocked: null, isActive: null }],
  ] as const)('reads %s', ([text, state]) => {
    expect(readSessionState(text)).toEqual(state)
  })
})

describe('readObjectPath', () => {
  it.for([
    [`(objectpath '${own}',)\n`, own],
    ["('/a/string',)", null],
    ["(objectpath '/a', objectpath '/b')", null],
    ["(objectpath '/a; rm',)", null],
    ['', null],
  ] as const)('reads %s', ([text, path]) => {
    expect(readObjectPath(text)).toBe(path)
  })
})
