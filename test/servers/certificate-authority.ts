import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startOpenSsh, type OpenSshServer } from './openssh.ts'

/** Who signs certificates that one server trusts, and that server, which takes no key by itself. */
export type CertificateAuthority = {
  readonly server: OpenSshServer
  /** For further files; goes with `stop`. */
  readonly folder: string
  /** Makes a key by `ssh-keygen` with these options; answers its path. */
  makeKey(name: string, args: readonly string[]): string
  /** The path of a certificate of that key, made with these options; another one each time replaces the last. */
  certify(name: string, args?: readonly string[]): string
  stop(): Promise<void>
}

export async function startCertificateAuthority(): Promise<CertificateAuthority> {
  const folder = mkdtempSync(join(tmpdir(), 'fernsync-certificates-'))
  const keygen = (...args: readonly string[]): void => {
    execFileSync('ssh-keygen', ['-q', ...args])
  }
  const makeKey = (name: string, args: readonly string[]): string => {
    keygen(...args, '-C', '', '-f', join(folder, name))
    return join(folder, name)
  }
  const signer = makeKey('ca', ['-t', 'ed25519', '-N', ''])
  // sshd reads it as the user who signs in.
  chmodSync(folder, 0o755)
  const server = await startOpenSsh({
    authorizedKeys: false,
    extraConfig: [`TrustedUserCAKeys ${signer}.pub`],
  })
  return {
    server,
    folder,
    makeKey,
    certify(name, args = ['-n', server.user, '-V', '-1d:+1d']) {
      const copy = join(folder, `signed-${name}`)
      copyFileSync(join(folder, `${name}.pub`), `${copy}.pub`)
      keygen('-s', signer, '-I', `id of ${name}`, ...args, `${copy}.pub`)
      return `${copy}-cert.pub`
    },
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
