// Chromium cannot intercept a scheme of our own from outside, so `app://ui/x` travels as `https://ui.app.standin.invalid/x`.

const SUFFIX = '.standin.invalid'
const WIRE = /^https:\/\/([^/:?#]*)\.([a-z][a-z0-9+-]*)\.standin\.invalid([/?#].*)?$/s

/** The URL under which Chromium knows `url`; unchanged unless its scheme is one of `schemes`. */
export function toWire(url: string, schemes: ReadonlySet<string>): string {
  const parsed = URL.parse(url)
  if (!parsed || !schemes.has(parsed.protocol.slice(0, -1))) return url
  const scheme = parsed.protocol.slice(0, -1)
  return `https://${parsed.host}.${scheme}${SUFFIX}${parsed.pathname || '/'}${parsed.search}${parsed.hash}`
}

/** The URL under which the app knows what Chromium calls `url`. */
export function fromWire(url: string): string {
  const match = WIRE.exec(url)
  if (!match) return url
  return `${match[2]}://${match[1]}${match[3] ?? ''}`
}

/** `scheme://host` as Electron reports the origin of a standard scheme; 'null' for what has none. */
export function originOf(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(url)?.[0] ?? 'null'
}

/** Header values that carry URLs, as the app should see them. */
export function headersFromWire(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      /^(origin|referer)$/i.test(name) ? fromWire(value) : value,
    ]),
  )
}
