import { InvalidArgumentError } from 'commander'
import { CalendarDate } from '../model/field-values.ts'

/** Argument parser for whole numbers >= 0. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('a whole number is expected')
  return Number(text)
}

/** Argument parser for whole numbers from 1, separated by commas. */
export function numberList(text: string): number[] {
  if (!/^[1-9]\d{0,5}(?:,[1-9]\d{0,5})*$/.test(text) || text.length > 80_000)
    throw new InvalidArgumentError('numbers separated by commas are expected')
  return text.split(',').map(Number)
}

/** Collects `k=v` options into an object; the later one wins. */
export function keyValue(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('name=value is expected')
  // fromEntries defines, where an assignment to `__proto__` would do something else.
  return Object.fromEntries([...Object.entries(before), [text.slice(0, at), text.slice(at + 1)]])
}

/** Argument parser for a calendar date, or `never`. */
export function expiryDate(text: string): string {
  if (text !== 'never' && !CalendarDate.safeParse(text).success)
    throw new InvalidArgumentError('YYYY-MM-DD or never is expected')
  return text
}

/** Collects a repeated option. */
export function repeated(text: string, before: readonly string[] = []): string[] {
  return [...before, text]
}

/** A server's identity: `SHA256:` and 43 characters of base64, as ssh-keygen prints it; a key type may stand before it. */
export function fingerprint(text: string): string {
  if (!/^(?:[\w@.-]{1,64} )?SHA256:[A-Za-z0-9+/]{43}$/.test(text)) {
    throw new InvalidArgumentError('SHA256:... as `ssh-keygen -lf` prints it is expected')
  }
  return text
}
