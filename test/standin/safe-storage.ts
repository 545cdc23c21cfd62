import { createCipheriv, createDecipheriv, pbkdf2Sync } from 'node:crypto'
import { isReady } from './lifecycle.ts'
import { strict } from './strict.ts'

// What Chromium does on Linux without a keyring ("basic_text"): AES-128-CBC under a key that everybody knows.
const PREFIX = 'v10'
const KEY = pbkdf2Sync('peanuts', 'saltysalt', 1, 16, 'sha1')
const IV = Buffer.alloc(16, ' ')

function encryptString(plainText: string): Buffer {
  const cipher = createCipheriv('aes-128-cbc', KEY, IV)
  return Buffer.concat([Buffer.from(PREFIX), cipher.update(plainText, 'utf8'), cipher.final()])
}

function decryptString(encrypted: Buffer): string {
  if (encrypted.subarray(0, 3).toString() !== PREFIX)
    throw new Error('Error while decrypting the ciphertext provided to safeStorage.decryptString.')
  const decipher = createDecipheriv('aes-128-cbc', KEY, IV)
  return Buffer.concat([decipher.update(encrypted.subarray(3)), decipher.final()]).toString('utf8')
}

/** Electron's safeStorage on a desktop without a keyring: it works, and protects nothing. */
export const safeStorage = strict('safeStorage', {
  isEncryptionAvailable: () => isReady(),
  isAsyncEncryptionAvailable: () => Promise.resolve(isReady()),
  getSelectedStorageBackend: () => (isReady() ? 'basic_text' : 'unknown'),
  setUsePlainTextEncryption: () => undefined,
  encryptString,
  decryptString,
  encryptStringAsync: async (plainText: string) => Promise.resolve(encryptString(plainText)),
  decryptStringAsync: async (encrypted: Buffer) =>
    Promise.resolve({ shouldReEncrypt: false, result: decryptString(encrypted) }),
} satisfies Electron.SafeStorage)
