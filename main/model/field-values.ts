import * as z from 'zod'
import type { FieldDefinition, FieldFormat } from './credential-types.ts'
import { parseSshCertificate } from './ssh-certificate.ts'

/** A calendar date `YYYY-MM-DD`. */
export const CalendarDate = z.iso.date()

/** http(s) only, and without a user or password in it, which lists and logs would show. RFC 3986, as far as it is used. */
const webAddress =
  /^https?:\/\/(?:\[[0-9a-f:.%]+\]|[^\s/?#@\\:[\]]{1,255})(?::[1-9]\d{0,4})?(?:[/?#][^\s\\]*)?$/i

const formats: Readonly<Record<FieldFormat, Rule>> = {
  line: { schema: z.string(), expected: 'text is expected' },
  host: {
    // A scheme, a path or a user in it would be another server than the one that is read.
    schema: z.string().regex(/^[^\s/\\@?#]{1,255}$/),
    expected: 'a host name or address is expected',
  },
  port: {
    schema: z
      .string()
      .regex(/^[1-9]\d{0,4}$/)
      .refine((text) => Number(text) <= 65_535),
    expected: 'a number from 1 to 65535 is expected',
  },
  url: { schema: z.string().regex(webAddress), expected: 'an address that begins with https:// is expected' },
  date: { schema: CalendarDate, expected: 'a date such as 2027-01-31 is expected' },
  certificate: {
    schema: z.string().refine((text) => parseSshCertificate(text)?.kind === 'user'),
    expected: 'the line of an OpenSSH user certificate (the file *-cert.pub) is expected',
  },
}

/**
 * What is wrong with a value, as the end of a sentence; null when nothing is. The one place that page, CLI and import are
 * checked by. Never quotes the value. An absent or empty value is `required`'s matter and fits here.
 */
export function fieldProblem(field: FieldDefinition, value: string): string | null {
  if (value === '') return null
  if (!value.isWellFormed() || value.includes('\0')) return 'text without NUL is expected'
  if (value.length > field.maxLength) return `at most ${field.maxLength} characters are expected`
  if (!field.multiline && /[\r\n]/.test(value)) return 'one line is expected'
  const { schema, expected } = ruleOf(field)
  return schema.safeParse(value).success ? null : expected
}

type Rule = { readonly schema: z.ZodType; readonly expected: string }

function ruleOf({ type, choices, format }: FieldDefinition): Rule {
  if (type === 'choice')
    return { schema: z.enum(choices), expected: `one of ${choices.join(', ')} is expected` }
  if (type === 'boolean') return { schema: z.enum(['true', 'false']), expected: 'true or false is expected' }
  return formats[format]
}

/** The same for a secret's UTF-8 bytes, which are looked at and not decoded: a copy as text could not be wiped. */
export function secretProblem(field: FieldDefinition, value: Uint8Array): string | null {
  if (value.includes(0)) return 'text without NUL is expected'
  return value.byteLength > field.maxLength ? `at most ${field.maxLength} bytes are expected` : null
}
