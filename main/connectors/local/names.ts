import { Buffer } from 'node:buffer'

/** A name as the folder holds it, or what to show of one that is no text. */
export type DecodedName =
  { readonly ok: true; readonly name: string } | { readonly ok: false; readonly shown: string }

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

// Latin-1 maps each byte to one character, so that a listing read as Latin-1 holds the exact bytes of every name.
// eslint-disable-next-line no-control-regex -- the range of ASCII, which reads the same in UTF-8
const ascii = /^[\x00-\x7f]*$/

/** Decodes a name that was listed as Latin-1, that is as bytes. */
export function decodeName(latin1: string): DecodedName {
  if (ascii.test(latin1)) return { ok: true, name: latin1 }
  const bytes = Buffer.from(latin1, 'latin1')
  try {
    return { ok: true, name: strict.decode(bytes) }
  } catch {
    // The one error of a fatal decoder: these bytes are no UTF-8.
    return { ok: false, shown: bytes.toString('utf8') }
  }
}

const device = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[1-9\u00b9\u00b2\u00b3])(\.|$)/i

/**
 * True for a name that Windows would refuse, or silently change into another one: device names with any extension, the
 * characters it reserves, a dot or space at the end ("Naming Files, Paths, and Namespaces", Microsoft Learn).
 */
export function isRefusedByWindows(name: string): boolean {
  // eslint-disable-next-line no-control-regex -- Windows refuses control characters
  return /[\x00-\x1f<>:"/\\|?*]/.test(name) || /[. ]$/.test(name) || device.test(name)
}
