import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ParentChannel } from '../adapters/child-channel.ts'
import { wipe } from '../core/crypto/bytes.ts'
import type { VaultApi } from '../core/vault/vault-api.ts'
import { PART_SIZE, VaultRequest } from '../core/vault/vault-protocol.ts'
import type { VaultMessage } from '../core/vault/vault-protocol.ts'
import { AppError } from '../model/app-error.ts'
import { vaultMethods } from './vault-methods.ts'

/**
 * Answers the parent's requests with the vault until this process ends. Requests run side by side. `onClosed` is called
 * when the vault closed itself after it was open (its file is of another key now): the process has no reason to live on.
 */
export function serveVault(channel: ParentChannel, vault: VaultApi, onClosed: () => void = () => {}): void {
  let wasOpen = false
  const post = (message: VaultMessage): void => {
    channel.post(message)
    if (message.type === 'error' && message.error.code === 'locked' && wasOpen) onClosed()
  }
  channel.onMessage((raw) => {
    const request = VaultRequest.safeParse(raw)
    // Without an id there is nobody to answer.
    if (!request.success)
      post({ type: 'log', level: 'error', event: 'vault-process.bad-message', fields: {} })
    else {
      const { method } = request.data
      void answer(vault, request.data, post).then((ok) => {
        if (ok && (method === 'unlock' || method === 'init')) wasOpen = true
      })
    }
  })
}

/** True when it could be done. */
async function answer(
  vault: VaultApi,
  { id, method, args }: VaultRequest,
  post: (message: VaultMessage) => void,
): Promise<boolean> {
  try {
    const run = vaultMethods.get(method)
    if (run === undefined) throw new AppError('bad-request', 'vault process: unknown method')
    const value = await run(vault, args, (item) => {
      post({ type: 'part', id, items: [item] })
    })
    if (Array.isArray(value)) {
      await postParts(id, value, post)
      post({ type: 'result', id, value: null })
    } else {
      post({ type: 'result', id, value })
      wipeAnswer(value)
    }
    return true
  } catch (error) {
    post({ type: 'error', id, error: describe(error) })
    return false
  }
}

async function postParts(
  id: number,
  items: readonly unknown[],
  post: (message: VaultMessage) => void,
): Promise<void> {
  for (let start = 0; start < items.length; start += PART_SIZE) {
    post({ type: 'part', id, items: items.slice(start, start + PART_SIZE) })
    // A pipe takes more only when this loop has turned: the parent reads one part while the next is made.
    await nextTurn()
  }
}

/** A revealed secret, a cacheable key, a recovery key to show: the message holds a copy. */
function wipeAnswer(value: unknown): void {
  if (value instanceof Uint8Array) wipe(value)
  else if (typeof value === 'object' && value !== null)
    for (const field of Object.values(value)) if (field instanceof Uint8Array) wipe(field)
}

/** Only codes and texts of ours cross: the message of a library could quote what it was given. */
function describe(error: unknown): Extract<VaultMessage, { type: 'error' }>['error'] {
  if (error instanceof AppError)
    return { code: error.code, message: error.message, details: { ...error.details } }
  const isShape = error instanceof Error && error.name === 'ZodError'
  return isShape
    ? { code: 'bad-request', message: 'vault process: arguments of another shape', details: {} }
    : { code: 'internal', message: 'vault process: call failed', details: {} }
}
