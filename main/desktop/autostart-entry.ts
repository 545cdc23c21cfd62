/** A desktop entry that starts `command` at login. Quoting: Desktop Entry Specification 1.5, "The Exec key". */
export function autostartEntry(command: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Fernsync',
    'Comment=Runs your sync jobs on time',
    `Exec=${command.map(quote).join(' ')}`,
    'Icon=fernsync-desktop',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n')
}

/** False for an entry that a desktop's own settings switched off. */
export function isActiveEntry(text: string): boolean {
  return !/^(Hidden\s*=\s*true|X-GNOME-Autostart-enabled\s*=\s*false)\s*$/m.test(text)
}

/** Quoted as an argument first, then escaped as a value: a backslash of the argument becomes four. */
function quote(argument: string): string {
  const quoted = `"${argument.replaceAll(/["`$\\]/g, (char) => `\\${char}`)}"`
  return quoted.replaceAll('\\', '\\\\').replaceAll('%', '%%')
}
