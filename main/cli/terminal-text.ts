const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** Makes names and paths of others safe for a terminal: control, format and bidi characters become `\u{..}`. */
export function escapeForTerminal(text: string): string {
  return text.replace(unsafe, (char) => `\\u{${char.codePointAt(0)?.toString(16) ?? ''}}`)
}

/** A JSON text with the same value that is safe for a terminal too: the same characters as `\uXXXX`, line ends kept. */
export function escapeJsonText(json: string): string {
  return json.replace(unsafe, (char) => (char === '\n' ? char : utf16Escapes(char)))
}

function utf16Escapes(char: string): string {
  return Array.from({ length: char.length }, (_, at) => char.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('')
}

/** Lines up columns with two spaces between; the last column is not padded. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, cell.length)))
  const line = (row: readonly string[]): string =>
    row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('  ')
  return rows.map((row) => `${line(row)}\n`).join('')
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** Bytes for people: `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${units[unit] ?? ''}`
}

/** One word of a command line as a POSIX shell reads it, so that a command shown can be pasted. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** The same for a command that is shown: a name that would turn the text around is escaped, and has to be typed otherwise. */
export function shownWord(text: string): string {
  return escapeForTerminal(shellWord(text))
}
