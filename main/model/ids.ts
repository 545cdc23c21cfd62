import * as z from 'zod'

/** RFC 9562 UUID, lower case, as vault, record, job, run and plan id. */
export const Uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)

/** `d` and 16 random hex digits; names one home folder on one machine. */
export const DeviceId = z.string().regex(/^d[0-9a-f]{16}$/)

/** ISO-8601 UTC with milliseconds, the only form of a time in our files and in `--json`. */
export const IsoTime = z.iso.datetime({ precision: 3 })

/** Name of a credential or job: 1 to 100 characters, no control characters; unique per kind by `nameKey`. */
export const Name = z
  .string()
  .transform((text) => text.normalize('NFC'))
  .pipe(
    z
      .string()
      .min(1)
      .max(100)
      .regex(/^\P{Cc}+$/u, 'control characters are not allowed')
      .refine((text) => text.trim() === text, 'spaces at the ends are not allowed'),
  )

/** What makes two names the same: NFC and full case folding (approximated by upper then lower case). */
export function nameKey(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC')
}
