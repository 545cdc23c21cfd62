import type { ImportBudget } from './import-budget.ts'
import { refusedFile } from './import-errors.ts'

export type XmlElement = {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** Text directly in it, all pieces together. */
  readonly text: string
}

const MAX_DEPTH = 32
/** Tags, attributes, pieces of text and references together: a list of 10,000 sites has a quarter of that. */
const MAX_PIECES = 1_000_000
const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
const NAME = /[A-Za-z_][A-Za-z0-9_.:-]{0,99}/y
const SPACE = /[ \t\r\n]*/y
const DOCTYPE = /<!DOCTYPE [^[\]<>]{1,300}>/y
const REFERENCE = /&(?:#([0-9]{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{2,4}));/y

export type XmlOptions = {
  /** More pieces than a million, for files whose every entry has a hundred. */
  readonly maxPieces?: number
  /** Elements of these names are checked and then dropped with all that is in them, to save memory. */
  readonly dropped?: ReadonlySet<string>
  /** Passes over one document type declaration that declares nothing, as property lists have it. Nothing is fetched. */
  readonly allowsDoctype?: boolean
}

const noAttributes: ReadonlyMap<string, string> = new Map()
const noChildren: readonly XmlElement[] = []

type Open = { name: string; attributes: Map<string, string>; children: XmlElement[]; pieces: string[] }
type Cursor = {
  readonly text: string
  readonly budget: ImportBudget
  readonly options: XmlOptions
  at: number
  pieces: number
}

/**
 * The part of XML 1.0 that configuration files use: elements, attributes, text, comments, CDATA. A document type declaration and
 * entities other than the five predefined ones and character numbers are refused, so that nothing expands or is
 * fetched; at most 32 levels. Throws AppError('import-unreadable').
 */
export function readXml(text: string, budget: ImportBudget, options: XmlOptions = {}): XmlElement {
  const cursor: Cursor = { text, budget, options, at: 0, pieces: 0 }
  const root: Open = { name: '', attributes: new Map(), children: [], pieces: [] }
  const open: Open[] = [root]
  while (cursor.at < text.length) {
    count(cursor)
    readPiece(cursor, open)
  }
  const [only, ...others] = root.children
  const isText = root.pieces.some((piece) => piece.trim() !== '')
  if (open.length !== 1 || only === undefined || others.length > 0 || isText)
    throw refused(cursor, 'it is not one whole XML element')
  return only
}

/** The first child of this name. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name)
}

function count(cursor: Cursor): void {
  cursor.budget.step()
  cursor.pieces += 1
  if (cursor.pieces > (cursor.options.maxPieces ?? MAX_PIECES)) throw refused(cursor, 'it has too many tags')
}

function readPiece(cursor: Cursor, open: Open[]): void {
  const { text, at } = cursor
  const parent = open[open.length - 1]
  if (parent === undefined) throw refused(cursor, 'a tag is closed that is not open')
  if (text[at] !== '<') {
    const end = text.indexOf('<', at)
    const piece = text.slice(at, end === -1 ? text.length : end)
    parent.pieces.push(unescape(cursor, piece))
    cursor.at = at + piece.length
  } else if (text.startsWith('<!--', at)) skipPast(cursor, '-->', 4)
  else if (text.startsWith('<![CDATA[', at)) {
    skipPast(cursor, ']]>', 9)
    parent.pieces.push(text.slice(at + 9, cursor.at - 3))
  } else if (text.startsWith('<?', at)) skipPast(cursor, '?>', 2)
  else if (text.startsWith('<!', at) && !skipDoctype(cursor, open))
    throw refused(cursor, 'it has a document type declaration')
  else if (text.startsWith('</', at)) closeTag(cursor, open)
  else if (cursor.at === at) openTag(cursor, open)
}

function openTag(cursor: Cursor, open: Open[]): void {
  cursor.at += 1
  const element: Open = { name: readName(cursor), attributes: new Map(), children: [], pieces: [] }
  for (;;) {
    count(cursor)
    const hadSpace = match(cursor, SPACE) !== ''
    if (cursor.text[cursor.at] === '>') {
      cursor.at += 1
      open.push(element)
      if (open.length > MAX_DEPTH) throw refused(cursor, `more than ${MAX_DEPTH} levels`)
      return
    }
    if (cursor.text.startsWith('/>', cursor.at)) {
      cursor.at += 2
      attach(cursor, open, element)
      return
    }
    if (!hadSpace) throw refused(cursor, 'a tag is not whole')
    readAttribute(cursor, element.attributes)
  }
}

function readAttribute(cursor: Cursor, attributes: Map<string, string>): void {
  const name = readName(cursor)
  match(cursor, SPACE)
  if (cursor.text[cursor.at] !== '=') throw refused(cursor, 'an attribute has no value')
  cursor.at += 1
  match(cursor, SPACE)
  const quote = cursor.text[cursor.at]
  const end = quote === '"' || quote === "'" ? cursor.text.indexOf(quote, cursor.at + 1) : -1
  if (end === -1) throw refused(cursor, 'the value of an attribute is not whole')
  const value = cursor.text.slice(cursor.at + 1, end)
  if (value.includes('<') || attributes.has(name)) throw refused(cursor, 'an attribute is not valid')
  attributes.set(name, unescape(cursor, value))
  cursor.at = end + 1
}

function closeTag(cursor: Cursor, open: Open[]): void {
  cursor.at += 2
  const name = readName(cursor)
  match(cursor, SPACE)
  const element = open.length > 1 ? open.pop() : undefined
  if (element === undefined || element.name !== name || cursor.text[cursor.at] !== '>')
    throw refused(cursor, 'tags do not match')
  cursor.at += 1
  attach(cursor, open, element)
}

function attach(cursor: Cursor, open: readonly Open[], element: Open): void {
  if (cursor.options.dropped?.has(element.name) !== true)
    open[open.length - 1]?.children.push(finished(element))
}

/** `<!DOCTYPE name PUBLIC "..." "...">` before the root, without declarations of its own; true when it was passed over. */
function skipDoctype(cursor: Cursor, open: readonly Open[]): boolean {
  const isAllowed = cursor.options.allowsDoctype === true && open.length === 1
  const found = isAllowed ? match(cursor, DOCTYPE) : ''
  return found !== ''
}

function finished({ name, attributes, children, pieces }: Open): XmlElement {
  // Most elements of a large file have none of these: they share one empty one, so that memory follows content.
  return {
    name,
    attributes: attributes.size === 0 ? noAttributes : attributes,
    children: children.length === 0 ? noChildren : children,
    text: pieces.length === 1 ? (pieces[0] ?? '') : pieces.join(''),
  }
}

function unescape(cursor: Cursor, text: string): string {
  let whole = ''
  let done = 0
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', done)) {
    count(cursor)
    REFERENCE.lastIndex = at
    const found = REFERENCE.exec(text)
    if (found === null) throw refused(cursor, 'an ampersand stands alone')
    const [all, decimal, hex, name] = found
    whole += text.slice(done, at)
    if (name === undefined)
      whole += character(cursor, decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal))
    else if (Object.hasOwn(entities, name)) whole += entities[name] ?? ''
    else throw refused(cursor, 'it has an entity that is not predefined')
    done = at + all.length
  }
  return whole + text.slice(done)
}

/** XML 1.0, production 2: no NUL, no surrogates, no other control characters. */
function character(cursor: Cursor, code: number): string {
  const isAllowed =
    code === 9 ||
    code === 10 ||
    code === 13 ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x1_0000 && code <= 0x10_ffff)
  if (!isAllowed) throw refused(cursor, 'it has a character that XML does not allow')
  return String.fromCodePoint(code)
}

function readName(cursor: Cursor): string {
  const name = match(cursor, NAME)
  if (name === '') throw refused(cursor, 'a name is expected')
  return name
}

function skipPast(cursor: Cursor, mark: string, opening: number): void {
  // From behind the opening: `<!-->` must not close itself.
  const end = cursor.text.indexOf(mark, cursor.at + opening)
  if (end === -1) throw refused(cursor, 'it ends too early')
  cursor.at = end + mark.length
}

/** What the sticky `pattern` finds right here, '' when nothing. */
function match(cursor: Cursor, pattern: RegExp): string {
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.text)?.[0] ?? ''
  cursor.at += found.length
  return found
}

function refused({ text, at }: Cursor, why: string): Error {
  return refusedFile(why, text.slice(0, at).split('\n').length)
}
