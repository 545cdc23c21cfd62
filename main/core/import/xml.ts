import type { ImportBudget } from './import-budget.ts'
import { refusedFile } from './import-errors.ts'
import { lineAt } from './import-text.ts'

export type XmlElement = {
  readonly name: string
  /** Names and values by turns: a map for each of a million elements would take more memory than the rest. */
  readonly attributes: readonly string[]
  readonly children: readonly XmlElement[]
  /** Text directly in it, all pieces together; that between elements only if there is more to it than spaces. */
  readonly text: string
}

const MAX_DEPTH = 32
/** Of one element. */
const MAX_ATTRIBUTES = 32
/** Tags, attributes, pieces of text and references together: a list of 10,000 sites has a quarter of that. */
const MAX_PIECES = 1_000_000
/** What is kept in memory. */
const MAX_ELEMENTS = 450_000
/** Found by an expression and put together one by one. */
const PIECES_PER_REFERENCE = 4
const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
const DOCTYPE = /<!DOCTYPE [^[\]<>]{1,300}>/y
const REFERENCE = /&(?:#([0-9]{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{2,4}));/y
const MAX_NAME = 100
const signs = { less: 0x3c, greater: 0x3e, slash: 0x2f, bang: 0x21, question: 0x3f, equals: 0x3d } as const

export type XmlOptions = {
  /** More pieces than a million, for files whose every entry has a hundred. */
  readonly maxPieces?: number
  /** Elements of these names are checked and then dropped with all that is in them, to save memory. */
  readonly dropped?: ReadonlySet<string>
  /** In elements of this name, below their children, only what bears this attribute is kept, and what that lies in. */
  readonly bare?: { readonly name: string; readonly attribute: string }
  /** Sees each element that is kept as soon as it ends, and may throw: what is too much is refused before all of it is read. */
  readonly onElement?: (element: XmlElement) => void
  /** For a document that nobody can open in an editor: a mistake in it has no line, and none are counted. */
  readonly isHidden?: boolean
  /** Passes over one document type declaration that declares nothing, as property lists have it. Nothing is fetched. */
  readonly allowsDoctype?: boolean
}

const nothing: readonly never[] = []

type Open = {
  readonly name: string
  readonly attributes: string[]
  readonly children: XmlElement[]
  text: string
}
type Cursor = {
  readonly text: string
  readonly budget: ImportBudget
  readonly options: XmlOptions
  readonly maxPieces: number
  at: number
  pieces: number
  elements: number
  /** The level at which something began that is dropped; 0 outside. */
  droppedFrom: number
  /** The level below which only some is kept; 0 outside. */
  bareFrom: number
}

/**
 * The part of XML 1.0 that configuration files use: elements, attributes, text, comments, CDATA. A document type declaration and
 * entities other than the five predefined ones and character numbers are refused, so that nothing expands or is
 * fetched; at most 32 levels, 450,000 elements. Throws AppError('import-unreadable').
 */
export function readXml(text: string, budget: ImportBudget, options: XmlOptions = {}): XmlElement {
  const maxPieces = options.maxPieces ?? MAX_PIECES
  const counts = { at: 0, pieces: 0, elements: 0, droppedFrom: 0, bareFrom: 0 }
  const cursor: Cursor = { text, budget, options, maxPieces, ...counts }
  const root: Open = { name: '', attributes: [], children: [], text: '' }
  const open: Open[] = [root]
  while (cursor.at < text.length) {
    count(cursor)
    readPiece(cursor, open)
  }
  const [only, ...others] = root.children
  if (open.length !== 1 || only === undefined || others.length > 0 || root.text.trim() !== '')
    throw refused(cursor, 'it is not one whole XML element')
  return only
}

/** The first child of this name. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name)
}

export function attributeOf({ attributes }: XmlElement, name: string): string | undefined {
  for (let at = 0; at < attributes.length; at += 2) if (attributes[at] === name) return attributes[at + 1]
  return undefined
}

function count(cursor: Cursor, pieces = 1): void {
  cursor.budget.step(pieces)
  cursor.pieces += pieces
  if (cursor.pieces > cursor.maxPieces) throw refused(cursor, 'it has too many tags')
}

function readPiece(cursor: Cursor, open: Open[]): void {
  const { text, at } = cursor
  const parent = open[open.length - 1]
  if (parent === undefined) throw refused(cursor, 'a tag is closed that is not open')
  if (text.charCodeAt(at) !== signs.less) {
    const end = text.indexOf('<', at)
    cursor.at = end === -1 ? text.length : end
    addText(cursor, parent, text.slice(at, cursor.at))
    return
  }
  const next = text.charCodeAt(at + 1)
  if (next === signs.slash) closeTag(cursor, open)
  else if (next !== signs.bang && next !== signs.question) openTag(cursor, open)
  else if (text.startsWith('<!--', at)) skipPast(cursor, '-->', 4)
  else if (text.startsWith('<![CDATA[', at)) {
    skipPast(cursor, ']]>', 9)
    parent.text += text.slice(at + 9, cursor.at - 3)
  } else if (next === signs.question) skipPast(cursor, '?>', 2)
  else if (!skipDoctype(cursor, open)) throw refused(cursor, 'it has a document type declaration')
}

function addText(cursor: Cursor, parent: Open, piece: string): void {
  // Indentation between elements, which is half of what a program writes.
  if (parent.children.length > 0 && isSpace(piece.charCodeAt(0)) && piece.trim() === '') return
  const plain = unescape(cursor, piece)
  parent.text = parent.text === '' ? plain : parent.text + plain
}

function openTag(cursor: Cursor, open: Open[]): void {
  const { text } = cursor
  cursor.at += 1
  const element: Open = { name: readName(cursor), attributes: [], children: [], text: '' }
  for (;;) {
    const hadSpace = skipSpace(cursor)
    const code = text.charCodeAt(cursor.at)
    if (code === signs.greater) {
      cursor.at += 1
      open.push(element)
      if (open.length > MAX_DEPTH) throw refused(cursor, `more than ${MAX_DEPTH} levels`)
      if (cursor.droppedFrom === 0 && isDropped(cursor, element)) cursor.droppedFrom = open.length
      if (cursor.bareFrom === 0 && cursor.options.bare?.name === element.name) cursor.bareFrom = open.length
      return
    }
    if (code === signs.slash && text.charCodeAt(cursor.at + 1) === signs.greater) {
      cursor.at += 2
      attach(cursor, open, element)
      return
    }
    if (!hadSpace) throw refused(cursor, 'a tag is not whole')
    count(cursor)
    readAttribute(cursor, element.attributes)
  }
}

function readAttribute(cursor: Cursor, attributes: string[]): void {
  const name = readName(cursor)
  skipSpace(cursor)
  if (cursor.text.charCodeAt(cursor.at) !== signs.equals) throw refused(cursor, 'an attribute has no value')
  cursor.at += 1
  skipSpace(cursor)
  const quote = cursor.text[cursor.at]
  const end = quote === '"' || quote === "'" ? cursor.text.indexOf(quote, cursor.at + 1) : -1
  if (end === -1) throw refused(cursor, 'the value of an attribute is not whole')
  const value = cursor.text.slice(cursor.at + 1, end)
  let isTwice = false
  for (let at = 0; at < attributes.length; at += 2) isTwice ||= attributes[at] === name
  if (value.includes('<') || isTwice || attributes.length >= 2 * MAX_ATTRIBUTES)
    throw refused(cursor, 'an attribute is not valid')
  attributes.push(name, unescape(cursor, value))
  cursor.at = end + 1
}

function closeTag(cursor: Cursor, open: Open[]): void {
  const { text } = cursor
  const element = open.length > 1 ? open.pop() : undefined
  const isSame = element !== undefined && text.startsWith(element.name, cursor.at + 2)
  cursor.at += 2 + (isSame ? element.name.length : 0)
  skipSpace(cursor)
  if (!isSame || text.charCodeAt(cursor.at) !== signs.greater) throw refused(cursor, 'tags do not match')
  cursor.at += 1
  attach(cursor, open, element)
}

function attach(cursor: Cursor, open: readonly Open[], element: Open): void {
  if (open.length < cursor.bareFrom) cursor.bareFrom = 0
  if (cursor.droppedFrom > 0) {
    if (open.length < cursor.droppedFrom) cursor.droppedFrom = 0
    return
  }
  if (isDropped(cursor, element) || isBare(cursor, open, element)) return
  cursor.elements += 1
  if (cursor.elements > MAX_ELEMENTS) throw refused(cursor, 'it has too many tags')
  const kept = finished(element)
  cursor.options.onElement?.(kept)
  open[open.length - 1]?.children.push(kept)
}

function isDropped({ options }: Cursor, { name }: Open): boolean {
  return options.dropped?.has(name) === true
}

function isBare({ options, bareFrom }: Cursor, open: readonly Open[], element: Open): boolean {
  if (options.bare === undefined || bareFrom === 0 || open.length <= bareFrom) return false
  return element.children.length === 0 && attributeOf(element, options.bare.attribute) === undefined
}

/** `<!DOCTYPE name PUBLIC "..." "...">` before the root, without declarations of its own; true when it was passed over. */
function skipDoctype(cursor: Cursor, open: readonly Open[]): boolean {
  const isAllowed = cursor.options.allowsDoctype === true && open.length === 1
  DOCTYPE.lastIndex = cursor.at
  if (!isAllowed || !DOCTYPE.test(cursor.text)) return false
  cursor.at = DOCTYPE.lastIndex
  return true
}

function finished({ name, attributes, children, text }: Open): XmlElement {
  // Most elements of a large file have none of these and share an empty one; a list that grew has room for more than is in it.
  return {
    name,
    attributes: attributes.length === 0 ? nothing : attributes.slice(),
    children: children.length === 0 ? nothing : children.slice(),
    text: children.length > 0 && isSpace(text.charCodeAt(0)) && text.trim() === '' ? '' : text,
  }
}

function unescape(cursor: Cursor, text: string): string {
  let whole = ''
  let done = 0
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', done)) {
    count(cursor, PIECES_PER_REFERENCE)
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

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d
}

/** XML 1.0, productions 4 and 4a, as far as ASCII goes. */
function isNameStart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f
}

function isNamePart(code: number): boolean {
  return isNameStart(code) || (code >= 0x30 && code <= 0x3a) || code === 0x2d || code === 0x2e
}

function readName(cursor: Cursor): string {
  const { text, at } = cursor
  let end = at
  if (isNameStart(text.charCodeAt(at))) {
    end += 1
    while (end - at < MAX_NAME && isNamePart(text.charCodeAt(end))) end += 1
  }
  if (end === at) throw refused(cursor, 'a name is expected')
  cursor.at = end
  return text.slice(at, end)
}

/** True if there was any. */
function skipSpace(cursor: Cursor): boolean {
  const { at } = cursor
  while (isSpace(cursor.text.charCodeAt(cursor.at))) cursor.at += 1
  return cursor.at > at
}

function skipPast(cursor: Cursor, mark: string, opening: number): void {
  // From behind the opening: `<!-->` must not close itself.
  const end = cursor.text.indexOf(mark, cursor.at + opening)
  if (end === -1) throw refused(cursor, 'it ends too early')
  cursor.at = end + mark.length
}

function refused({ text, at, options }: Cursor, why: string): Error {
  return options.isHidden === true ? refusedFile(why) : refusedFile(why, lineAt(text, at))
}
