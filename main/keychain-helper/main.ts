import { AsyncEntry } from '@napi-rs/keyring'
import { openParentChannel } from '../adapters/child-channel.ts'
import { FromKeychainHelper, ToKeychainHelper } from '../model/keychain-messages.ts'
import { classifyKeychainError } from './classify-error.ts'

/**
 * A process for exactly one call to the keychain: the library's calls cannot be cancelled, its constructor blocks while the
 * service hangs, and a normal exit waits for the call. So the parent kills this process after the answer or the deadline, and
 * an orphan kills itself.
 */
const channel = openParentChannel({ onOrphaned: () => process.kill(process.pid, 'SIGKILL') })

channel.onMessage((raw) => {
  const parsed = ToKeychainHelper.safeParse(raw)
  if (!parsed.success) return answer({ state: 'unavailable' })
  callKeychain(parsed.data).then(answer, (error: unknown) => {
    answer({ state: classifyKeychainError(error instanceof Error ? error.message : '') })
  })
})

function answer(result: FromKeychainHelper): void {
  channel.post(FromKeychainHelper.parse(result))
}

async function callKeychain(request: ToKeychainHelper): Promise<FromKeychainHelper> {
  // Pinned, because without a Secret Service the library would use the kernel's keyring: it says "absent" for what it cannot
  // reach, and forgets at the next start of the machine what it took.
  const entry = new AsyncEntry(request.service, request.account, { linux: { store: 'secret-service' } })
  switch (request.call) {
    case 'get': {
      const value = await entry.getPassword()
      return value === null ? { state: 'absent' } : { state: 'ok', value: new TextEncoder().encode(value) }
    }
    case 'set':
      await entry.setPassword(new TextDecoder().decode(request.value))
      return { state: 'ok', value: null }
    case 'remove':
      return (await entry.deletePassword()) ? { state: 'ok', value: null } : { state: 'absent' }
  }
}
