import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll } from 'vitest'
import { sftp } from '../../main/connectors/sftp/sftp.ts'
import type { ConnectorConfig } from '../../main/core/remote/connector.ts'
import type { Remote } from '../../main/core/remote/remote.ts'
import { isRoot, startOpenSsh, type OpenSshServer } from '../servers/openssh.ts'
import { freePort } from '../servers/processes.ts'
import { startLimitedSftp, type LimitedServer } from '../servers/sftp-limited.ts'
import { realDeps } from './deps.ts'
import { describeRemote } from './describe-remote.ts'
import type { FailureProbes, Place, Probe } from './suite.ts'

const open = (config: ConnectorConfig): Promise<Remote> =>
  sftp.open(config, realDeps(), new AbortController().signal)

const nothing = (): Promise<void> => Promise.resolve()

let server: OpenSshServer
let readOnlyServer: OpenSshServer
let limited: LimitedServer
let overwriting: LimitedServer

beforeAll(async () => {
  ;[server, readOnlyServer, limited, overwriting] = await Promise.all([
    startOpenSsh(),
    startOpenSsh({ readOnly: true }),
    startLimitedSftp(),
    startLimitedSftp({ renameReplaces: true }),
  ])
}, 60_000)

afterAll(async () => {
  await Promise.all([server.stop(), readOnlyServer.stop(), limited.stop(), overwriting.stop()])
})

/** A fresh folder on the server per case, given as a path below the folder of the sign-in. */
function place(root: string, config: ConnectorConfig): Place {
  const folder = mkdtempSync(join(root, 'place-'))
  if (isRoot && root === server.root) execFileSync('chown', [server.user, folder])
  return {
    connect: () => open({ ...config, root: basename(folder) }),
    cleanup: () => {
      rmSync(folder, { recursive: true, force: true })
      return nothing()
    },
  }
}

const withKey = (): ConnectorConfig => ({ ...server.config, secrets: { privateKey: server.privateKey } })

const probes: FailureProbes = {
  ...(isRoot && {
    wrongPassword: () => {
      const before = server.passwordAttempts()
      const canary = randomBytes(18).toString('base64url')
      return Promise.resolve({
        open: () => open({ ...server.config, secrets: { password: Buffer.from(canary) } }),
        attempts: () => server.passwordAttempts() - before,
        canary,
        release: nothing,
      })
    },
  }),
  closedPort: async (): Promise<Probe> => {
    const port = String(await freePort('127.0.0.1'))
    const fields = { ...server.config.fields, host: '127.0.0.1', port }
    return { open: () => open({ ...server.config, fields }), release: nothing }
  },
  unknownServer: () => {
    const before = server.log().length
    return Promise.resolve({
      open: () => open({ ...server.config, hostKey: `SHA256:${'A'.repeat(43)}` }),
      credentialSent: () => server.logOfNewConnections(before).includes(server.user),
      release: nothing,
    })
  },
  cutConnection: async () => {
    const other = await startOpenSsh()
    return { open: () => open(other.config), cut: () => other.signal('SIGKILL'), release: () => other.stop() }
  },
  readOnly: () => {
    writeFileSync(join(readOnlyServer.root, 'there.txt'), 'there')
    return Promise.resolve({ open: () => open(readOnlyServer.config), file: 'there.txt', release: nothing })
  },
}

if (isRoot) {
  describeRemote('sftp, OpenSSH with a password', () => Promise.resolve(place(server.root, server.config)), {
    probes,
  })
}
describeRemote('sftp, OpenSSH with a key', () => Promise.resolve(place(server.root, withKey())), { probes })
describeRemote('sftp, without extensions', () => Promise.resolve(place(limited.root, limited.config)))
describeRemote(
  'sftp, where rename replaces',
  () => Promise.resolve(place(overwriting.root, overwriting.config)),
  {
    known: [
      {
        remote: 'sftp, where rename replaces',
        case: 'lets exactly one of several creators win',
        reason: 'its rename replaces and it has no hard links: no request of it refuses a taken name',
        since: '2026-11-23',
      },
    ],
  },
)
