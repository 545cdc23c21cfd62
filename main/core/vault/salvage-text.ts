/**
 * Looks for what is whole inside of text that is not: records on lines that ran together, or in a layout that is not ours, and the
 * fields of a first line that is no JSON any more. Nothing found here is trusted; tokens and checksums decide.
 */

import type * as z from 'zod'
import { DeviceId } from '../../model/ids.ts'
import { Counter } from './record-schema.ts'
import { MAX_HEADER_BYTES } from './vault-limits.ts'
import { VaultTop } from './vault-file.ts'

/** Braces within braces in a record: it, its history, a part, and room for what newer programs put there. */
const MAX_HEIGHT = 8
/** What is open further out is too high to be a record by the time it is closed. */
const MAX_OPEN = 2 * MAX_HEIGHT
const OPEN = 0x7b
const CLOSE = 0x7d
const HISTORY = '"hist":'

type Open = { readonly start: number; height: number }

/**
 * The pieces of `text` between balanced braces that could be records, outermost first found; `take` says whether one is. Answers
 * what stands around those taken. Braces in strings are none of ours: what we write is base64, ids and numbers. In one pass, and
 * no character is offered more than a few times.
 */
export function takeEmbedded(text: string, take: (piece: string) => boolean): string[] {
  const taken: (readonly [start: number, end: number])[] = []
  const open: Open[] = []
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === OPEN && open.push({ start: at, height: 1 }) > MAX_OPEN) open.shift()
    if (code !== CLOSE) continue
    const last = open.pop()
    if (last === undefined) continue
    const above = open.at(-1)
    if (above !== undefined) above.height = Math.max(above.height, last.height + 1)
    const piece = last.height <= MAX_HEIGHT ? text.slice(last.start, at + 1) : ''
    if (piece.includes(HISTORY) && take(piece)) taken.push([last.start, at + 1])
  }
  const around: string[] = []
  let from = 0
  for (const [start, end] of taken) {
    around.push(text.slice(from, start))
    from = end
  }
  return [...around, text.slice(from)]
}

const FIELDS = {
  vault: /"vault":\s*("[0-9a-f-]{36}")/,
  dev: /"dev":\s*("d[0-9a-f]{16}")/,
  vkGen: /"vkGen":\s*(\d{1,13})\b/,
  slotSet: /"slotSet":\s*(\{[^{}]*\})/,
  slots: /"slots":\s*(\[\s*\{.*?\}\s*\])/s,
  seen: /"seen":\s*(\{[^{}]*\})/,
} as const

/**
 * The top-level fields that can still be told in a broken first line, such as the slots, each of which has a checksum; null without
 * any slots. What else is of no shape that a header has is as good as gone: with it, sound slots would be refused. Counters that are
 * gone start over, and a repair raises them above all that is known.
 */
export function looseTop(
  text: string,
  parse: (json: string) => Readonly<Record<string, unknown>> | null,
): Readonly<Record<string, unknown>> | null {
  // Of what is no header at all, each beginning of slots would be followed to the end.
  const head = text.slice(0, MAX_HEADER_BYTES)
  // A field that damage has doubled may begin in one place and be whole in another.
  const value = (field: keyof typeof FIELDS): unknown => {
    for (let from = 0; ;) {
      const found = FIELDS[field].exec(head.slice(from))
      if (found === null) return undefined
      const read = parse(`{"value":${found[1] ?? ''}}`)
      if (read !== null) return read['value']
      from += found.index + 1
    }
  }
  const slots = value('slots')
  if (!Array.isArray(slots)) return null
  const { shape } = VaultTop
  const dev = sound(shape.dev, value('dev')) ?? `d${'0'.repeat(16)}`
  const seen = counters(value('seen'))
  const epoch = seen[dev] ?? 1
  const slotSet = sound(shape.slotSet, value('slotSet')) ?? { rev: 1, dev }
  return {
    ...{ format: 'fernsync', version: 1, minReader: 1 },
    ...{ vault: sound(shape.vault, value('vault')), vkGen: sound(shape.vkGen, value('vkGen')) ?? 1 },
    ...{ slots, slotSet, dev, epoch, seen: { ...seen, [dev]: epoch } },
  }
}

function sound<T>(schema: z.ZodType<T>, value: unknown): T | undefined {
  const parsed = schema.safeParse(value)
  return parsed.success ? parsed.data : undefined
}

function counters(value: unknown): Readonly<Record<string, number>> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).flatMap(([dev, counter]: [string, unknown]) => {
      const seen = sound(Counter, counter)
      return sound(DeviceId, dev) === undefined || seen === undefined ? [] : [[dev, seen]]
    }),
  )
}
