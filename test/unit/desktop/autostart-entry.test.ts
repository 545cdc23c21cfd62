import { describe, expect, it } from 'vitest'
import { autostartEntry, isActiveEntry } from '../../../main/desktop/autostart-entry.ts'

const execOf = (command: readonly string[]): string =>
  /^Exec=(.*)$/m.exec(autostartEntry(command))?.[1] ?? 'none'

describe('autostartEntry', () => {
  it('is a desktop entry that starts the program with its arguments', () => {
    expect(autostartEntry(['/opt/Fernsync/fernsync-desktop', '--hidden'])).toBe(
      [
        '[Desktop Entry]',
        'Type=Application',
        'Name=Fernsync',
        'Comment=Runs your sync jobs on time',
        'Exec="/opt/Fernsync/fernsync-desktop" "--hidden"',
        'Icon=fernsync-desktop',
        'Terminal=false',
        'X-GNOME-Autostart-enabled=true',
        '',
      ].join('\n'),
    )
  })

  it('quotes what the specification wants quoted, twice escaped', () => {
    expect(execOf(['/a b/"x"'])).toBe(String.raw`"/a b/\\"x\\""`)
    expect(execOf(['$HOME`id`'])).toBe(String.raw`"\\$HOME\\` + '`id' + String.raw`\\` + '`"')
    expect(execOf(['back\\slash'])).toBe(String.raw`"back\\\\slash"`)
    expect(execOf(['100%'])).toBe('"100%%"')
  })
})

describe('isActiveEntry', () => {
  it('reads its own entry as on, and one that a desktop switched off as off', () => {
    const entry = autostartEntry(['/usr/bin/fernsync-desktop'])
    expect(isActiveEntry(entry)).toBe(true)
    expect(isActiveEntry(`${entry}Hidden=true\n`)).toBe(false)
    expect(isActiveEntry(entry.replace('enabled=true', 'enabled=false'))).toBe(false)
  })
})
