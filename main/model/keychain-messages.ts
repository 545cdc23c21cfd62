import * as z from 'zod'
import { Bytes } from './bytes.ts'

/** UTF-8 text as bytes, which the receiver wipes; the limit for one value is 2560 bytes on Windows. */
const value = Bytes(1, 2000)
const name = z.string().min(1).max(200)

/** Parent to keychain helper: the one call it is started for. */
export const ToKeychainHelper = z.discriminatedUnion('call', [
  z.object({ call: z.literal('get'), service: name, account: name }),
  z.object({ call: z.literal('set'), service: name, account: name, value }),
  z.object({ call: z.literal('remove'), service: name, account: name }),
])
export type ToKeychainHelper = z.infer<typeof ToKeychainHelper>

/** Keychain helper to parent, once. `value` is null for `set` and `remove`. */
export const FromKeychainHelper = z.discriminatedUnion('state', [
  z.object({ state: z.literal('ok'), value: Bytes(0, 8000).nullable() }),
  z.object({ state: z.enum(['absent', 'locked', 'unavailable', 'denied']) }),
])
export type FromKeychainHelper = z.infer<typeof FromKeychainHelper>
