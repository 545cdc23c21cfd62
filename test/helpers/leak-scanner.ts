// Looks for secrets where they must not be: in files, in text, and in the arguments and environment of processes.
import { randomInt } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What must not be found, by a name that may be printed: a text, or the bytes of a key. */
export type Canaries = Readonly<Record<string, string | Uint8Array>>

/** One way to write a canary down. */
export type LeakForm = { readonly name: string; readonly bytes: Buffer }

/** A canary that was found, all of it or a part: where, which one, and how it was written; base64 is told by no offset. */
export type Leak = { readonly where: string; readonly canary: string; readonly form: string }

/** Letters that percent and JSON escaping leave alone, and some that they do not. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789'
const awkward = '"\\%&+ü'

const CANARY_BYTES = 64
/** Of what is cut into pieces of so many characters, any 24 bytes hold a whole piece, however they were cut off. */
const PIECE_CHARS = 11

/** Random text of 64 bytes; `plain` leaves out what a host, a user name or a shell would not take. */
export function makeCanary({ plain = false } = {}): string {
  const pick = (from: string): string => from[randomInt(from.length)] ?? ''
  const length = CANARY_BYTES - (plain ? 0 : Buffer.byteLength(awkward))
  const letters = Array.from({ length }, () => pick(alphabet))
  if (plain) return letters.join('').toLowerCase()
  for (const char of awkward) letters.splice(randomInt(1, letters.length), 0, char)
  return letters.join('')
}

/** A random name of a host of 64 characters; a label may not have more than 63. */
export function makeHostCanary(): string {
  const [text, end] = [makeCanary({ plain: true }), '.invalid']
  const length = CANARY_BYTES - end.length
  return `${text.slice(0, 30)}.${text.slice(31, length)}${end}`
}

/** What is searched for in the place of a canary: pieces that cover it, so that a part of it counts as well. */
export function piecesOf(canary: string | Uint8Array): readonly (string | Uint8Array)[] {
  const whole = typeof canary === 'string' ? [...canary] : canary
  if (whole.length < 2 * PIECE_CHARS) return [canary]
  const starts = Array.from({ length: Math.floor(whole.length / PIECE_CHARS) }, (_, n) => n * PIECE_CHARS)
  return [...new Set([...starts, whole.length - PIECE_CHARS])].map((start) => {
    const piece = whole.slice(start, start + PIECE_CHARS)
    return piece instanceof Uint8Array ? piece : piece.join('')
  })
}

/**
 * Every form that is searched: UTF-8, UTF-16LE, base64 and base64url at each of the three offsets a text can have inside
 * something longer, hexadecimal, percent-escaped and JSON-escaped - both as little and as much as their rules allow.
 */
export function leakForms(canary: string | Uint8Array): readonly LeakForm[] {
  return typeof canary === 'string' ? formsOfText(canary) : formsOfBytes(Buffer.from(canary))
}

function formsOfBytes(bytes: Buffer): readonly LeakForm[] {
  const hex = bytes.toString('hex')
  const texts = [...base64Forms(bytes), ['hex', hex], ['HEX', hex.toUpperCase()]] as const
  return distinct([
    { name: 'bytes', bytes },
    ...texts.map(([name, text]) => ({ name, bytes: Buffer.from(text) })),
  ])
}

function base64Forms(bytes: Buffer): [string, string][] {
  return [0, 1, 2].flatMap((offset): [string, string][] => {
    const text = base64At(bytes, offset)
    return [
      [`base64 at ${offset}`, text],
      [`base64url at ${offset}`, text.replaceAll('+', '-').replaceAll('/', '_')],
    ]
  })
}

function distinct(forms: readonly LeakForm[]): readonly LeakForm[] {
  return forms.filter(({ bytes }, index) => forms.findIndex((each) => each.bytes.equals(bytes)) === index)
}

function formsOfText(canary: string): readonly LeakForm[] {
  const utf8 = Buffer.from(canary)
  const hex = utf8.toString('hex')
  const unit = (char: string): string => char.charCodeAt(0).toString(16).padStart(4, '0')
  const units = canary.split('')
  const everyByte = hex.replaceAll(/../g, '%$&')
  const texts: [string, string][] = [
    ...base64Forms(utf8),
    ['hex', hex],
    ['HEX', hex.toUpperCase()],
    ['percent-escaped', encodeURIComponent(canary)],
    ['percent-escaped throughout', everyByte],
    ['PERCENT-ESCAPED throughout', everyByte.toUpperCase()],
    ['JSON-escaped', JSON.stringify(canary).slice(1, -1)],
    ['JSON-escaped in ASCII', asciiJson(canary, unit)],
    ['JSON-escaped throughout', units.map((char) => `\\u${unit(char)}`).join('')],
  ]
  return distinct([
    { name: 'UTF-8', bytes: utf8 },
    { name: 'UTF-16LE', bytes: Buffer.from(canary, 'utf16le') },
    ...texts.map(([name, text]) => ({ name, bytes: Buffer.from(text) })),
  ])
}

/** The characters of base64 that depend on `bytes` alone when `offset` other bytes stand before them. */
function base64At(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
  return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
}

function asciiJson(text: string, unit: (char: string) => string): string {
  const escaped = JSON.stringify(text).slice(1, -1).split('')
  return escaped.map((char) => (char > '~' ? `\\u${unit(char)}` : char)).join('')
}

export type LeakScanner = {
  /** Which canaries `bytes` holds, each form once. */
  inBytes(where: string, bytes: Uint8Array): Leak[]
  /** Reads every regular file below `folder`, and every name; links are not followed. */
  inFolder(folder: string): Leak[]
  /** Arguments and environment of a process; nothing when it has ended. */
  inProcess(pid: number): Leak[]
  /** Every form of every canary, for planting. */
  readonly forms: readonly (LeakForm & { readonly canary: string })[]
}

export function createLeakScanner(canaries: Canaries): LeakScanner {
  const named = Object.entries(canaries)
  const forms = named.flatMap(([canary, whole]) => leakForms(whole).map((form) => ({ ...form, canary })))
  const needles = named.flatMap(([canary, whole]) =>
    piecesOf(whole)
      .flatMap(leakForms)
      .map((form) => ({ ...form, canary })),
  )
  const search = createSearch(needles.map(({ bytes }) => bytes))

  const inBytes = (where: string, bytes: Uint8Array): Leak[] =>
    once(
      search(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).flatMap((index) => {
        const needle = needles[index]
        if (needle === undefined) return []
        return [{ where, canary: needle.canary, form: familyOf(needle.name) }]
      }),
    )
  const inFolder = (folder: string): Leak[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name)
      const found = inBytes(`the name of ${path}`, Buffer.from(entry.name))
      if (entry.isDirectory()) return [...found, ...unlessGone(() => inFolder(path), [])]
      if (!entry.isFile()) return found
      return [
        ...found,
        ...inBytes(
          path,
          unlessGone(() => readFileSync(path), Buffer.alloc(0)),
        ),
      ]
    })
  const inProcess = (pid: number): Leak[] =>
    (['cmdline', 'environ'] as const).flatMap((part) =>
      inBytes(
        `${part} of ${pid}`,
        unlessGone(() => readFileSync(`/proc/${pid}/${part}`), Buffer.alloc(0)),
      ),
    )
  return { inBytes, inFolder, inProcess, forms }
}

/** A piece stands at another offset than the whole, and may look the same in both alphabets. */
export function familyOf(form: string): string {
  return form.replace(/^(base64)(url)? at \d$/, '$1')
}

function once(leaks: readonly Leak[]): Leak[] {
  return [...new Map(leaks.map((leak) => [JSON.stringify(leak), leak])).values()]
}

/** Files and processes come and go while they are read. */
function unlessGone<T>(read: () => T, instead: T): T {
  try {
    return read()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOENT' || code === 'ESRCH') return instead
    throw error
  }
}

const TABLE_BITS = 24

/**
 * Finds which of many needles occur, in one pass: a table of the first three bytes of each says where one may begin.
 * Needles are longer than that.
 */
function createSearch(needles: readonly Buffer[]): (haystack: Buffer) => number[] {
  const mayBegin = new Uint8Array(1 << TABLE_BITS)
  const byStart = new Map<number, number[]>()
  needles.forEach((needle, index) => {
    const start = needle.readUIntBE(0, 3)
    mayBegin[start] = 1
    byStart.set(start, [...(byStart.get(start) ?? []), index])
  })
  return (haystack) => {
    const found = new Set<number>()
    let window = 0
    for (let at = 0; at < haystack.length; at++) {
      window = ((window << 8) | (haystack[at] ?? 0)) & ((1 << TABLE_BITS) - 1)
      if (mayBegin[window] === 0) continue
      for (const index of byStart.get(window) ?? []) {
        const needle = needles[index]
        if (needle?.equals(haystack.subarray(at - 2, at - 2 + needle.length))) found.add(index)
      }
    }
    return [...found]
  }
}
