import type { Credential, CredentialPatch } from '../../../main/model/credential.ts'
import type { SignIn } from './sign-in.ts'

/** What a new sign-in replaces: the agent setting, the certificate, and the secrets of the way used before. */
export function signInPatch(
  old: Credential,
  signIn: SignIn,
): Pick<CredentialPatch, 'fields' | 'removeSecrets'> {
  const { secrets, secretFiles, generated } = signIn
  const given = new Set([secrets, secretFiles, generated].flatMap((one) => Object.keys(one)))
  return {
    fields: { agent: null, keyFile: null, certificate: null, ...signIn.fields },
    // Notes are about the server, not a way to sign in.
    removeSecrets: old.secrets.filter((name) => name !== 'notes' && !given.has(name)),
  }
}
