import { shallowRef, type ShallowRef } from 'vue'
import type { TestResult } from '../../../main/contract/calls.ts'
import type { CredentialDraft } from '../../../main/model/credential.ts'
import { useClient } from '../../api/client.ts'
import { wipe } from '../../api/secret-bytes.ts'
import { useAction, type Action } from '../../api/use-action.ts'
import type { SignIn } from './sign-in.ts'

export type SavedServer = { readonly id: string; readonly name: string }

export type ServerSave = Action<[draft: CredentialDraft, signIn: SignIn], SavedServer | null> & {
  /** The last test; null before one, and while one runs. */
  readonly result: ShallowRef<TestResult | null>
}

/** What is written once the test went well. */
type Store = (draft: CredentialDraft, signIn: SignIn) => Promise<SavedServer>

/**
 * Tests a server with what was typed and stores it only when the test went well; the secret bytes are wiped in every
 * case. Answers null when the test failed (see `result`) or a call did (see `error`).
 */
export function useServerSave(store: Store): ServerSave {
  const client = useClient()
  const result = shallowRef<TestResult | null>(null)

  const action = useAction(async (draft: CredentialDraft, signIn: SignIn) => {
    result.value = null
    const { secrets, secretFiles, generated } = signIn
    try {
      const test = await client.call('credentials.testDraft', {
        draft,
        secrets,
        secretFiles,
        generated,
        // A stored secret would sign in where the one just given cannot, and be replaced by it afterwards.
        basedOn: null,
      })
      result.value = test
      return test.ok ? await store(draft, signIn) : null
    } finally {
      wipe(...Object.values(secrets))
    }
  })
  return { ...action, result }
}
