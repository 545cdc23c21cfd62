import * as z from 'zod'

/** Bytes of `min` to `max` length. Structured clone keeps them; whoever receives them wipes what is secret. */
export function Bytes(min: number, max: number) {
  return z.custom<Uint8Array>(
    (value) => value instanceof Uint8Array && value.length >= min && value.length <= max,
    'must be bytes of an allowed length',
  )
}
