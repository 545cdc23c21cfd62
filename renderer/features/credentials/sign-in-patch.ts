import type { Credential, CredentialPatch } from '../../../main/model/credential.ts'
import type { SignIn } from './sign-in.ts'

/** What a new sign-in replaces: the agent setting, and the secrets of the way used before. */
export function signInPatch(
  old: Credential,
  signIn: SignIn,
): Pick<CredentialPatch, 'fields' | 'removeSecrets'> {
  const given = new Set([...Object.keys(signIn.secrets), ...Object.keys(signIn.secretFiles)])
  return {
    fields: { agent: signIn.fields.agent ?? null, keyFile: null },
    removeSecrets: old.secrets.filter((name) => !given.has(name)),
  }
}
