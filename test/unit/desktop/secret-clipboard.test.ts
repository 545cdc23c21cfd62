import { describe, expect, it } from 'vitest'
import { createSecretClipboard } from '../../../main/desktop/secret-clipboard.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A clipboard that takes its time to be written. */
function slowClipboard() {
  let content = ''
  let finish = (): void => {}
  const clipboard = createSecretClipboard({
    write: (text) =>
      new Promise((resolve) => {
        finish = () => {
          content = text
          resolve()
        }
      }),
    readText: () => Promise.resolve(content),
    clear: () => {
      content = ''
    },
  })
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  return {
    clipboard,
    settled,
    finish: () => finish(),
    read: () => content,
    put: (text: string) => (content = text),
  }
}

describe('createSecretClipboard', () => {
  it('takes away what a lock overtook while it was still being written', async () => {
    const { clipboard, settled, finish, read } = slowClipboard()
    const copied = clipboard.copySecret(bytes('s3cret'))
    await settled()
    const cleared = clipboard.clearIfOurs()
    await settled()
    finish()
    await Promise.all([copied, cleared])
    expect(read()).toBe('')
  })

  it('leaves what somebody else has put there', async () => {
    const { clipboard, settled, finish, read, put } = slowClipboard()
    const copied = clipboard.copySecret(bytes('s3cret'))
    await settled()
    finish()
    await copied
    put('a shopping list')
    await clipboard.clearIfOurs()
    expect(read()).toBe('a shopping list')
  })

  it('wipes what it was given', () => {
    const secret = bytes('s3cret')
    void slowClipboard().clipboard.copySecret(secret)
    expect(secret.every((byte) => byte === 0)).toBe(true)
  })
})
