import { createHash, randomBytes } from 'node:crypto'
import { Socket } from 'node:net'
import ssh2 from 'ssh2'
import type { Connection, ParsedKey, SFTPWrapper } from 'ssh2'
import type { ConnectorConfig } from '../../main/core/remote/connector.ts'
import { randomLoopback } from './processes.ts'

export type Ssh2Server = {
  readonly config: ConnectorConfig
  /** Every credential that clients have sent, in order. */
  readonly received: readonly string[]
  /** Drops all connections without a word. */
  cut(): void
  stop(): Promise<void>
}

export type Ssh2ServerOptions = {
  /** Handles the requests of one sftp channel. */
  readonly serve: (sftp: SFTPWrapper) => void
  /** Called for each sign-in attempt by keyboard-interactive; resolves to whether it is accepted. */
  readonly ask?: (
    prompt: (texts: readonly { prompt: string; echo: boolean }[]) => Promise<string[]>,
  ) => Promise<boolean>
}

function signIn(
  connection: Connection,
  password: string,
  received: string[],
  ask: Ssh2ServerOptions['ask'],
): void {
  const methods = ask === undefined ? (['password'] as const) : (['keyboard-interactive'] as const)
  connection.on('authentication', (context) => {
    if (context.method === 'password' && ask === undefined) {
      received.push(context.password)
      if (context.password === password) context.accept()
      else context.reject([...methods])
    } else if (context.method === 'keyboard-interactive' && ask !== undefined) {
      const prompt = (texts: readonly { prompt: string; echo: boolean }[]): Promise<string[]> =>
        new Promise((resolve) => {
          context.prompt([...texts], (answers) => {
            received.push(...answers)
            resolve(answers)
          })
        })
      void ask(prompt).then((accepted) => (accepted ? context.accept() : context.reject([...methods])))
    } else context.reject([...methods])
  })
}

/** An SSH server on ssh2 in this process, with one host key and one password: for what OpenSSH cannot be made to do. */
export function startSsh2Server(options: Ssh2ServerOptions): Promise<Ssh2Server> {
  const password = randomBytes(18).toString('base64url')
  const { text, parsed } = makeHostKey()
  const connections = new Set<Connection>()
  const received: string[] = []
  const server = new ssh2.Server({ hostKeys: [text] }, (connection) => {
    connections.add(connection)
    // ssh2 writes each packet in three parts: with Nagle's algorithm the client's system would delay every reply by 40 ms.
    socketOf(connection).setNoDelay(true)
    connection.on('error', () => undefined)
    connection.on('close', () => connections.delete(connection))
    signIn(connection, password, received, options.ask)
    connection.on('session', (accept) => {
      accept().on('sftp', (acceptSftp) => options.serve(acceptSftp()))
    })
  })
  const cut = (): void => {
    // `end` would say goodbye; a broken line does not.
    for (const connection of connections) socketOf(connection).destroy()
  }
  const host = randomLoopback()
  return new Promise((resolve) => {
    server.listen(0, host, () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? String(address.port) : ''
      resolve({
        config: {
          fields: { host, port, user: 'somebody' },
          secrets: { password: Buffer.from(password) },
          hostKey: fingerprintOf(parsed),
          root: '',
        },
        received,
        cut,
        stop: () =>
          new Promise((done) => {
            cut()
            server.close(() => done())
          }),
      })
    })
  })
}

/** The server side of ssh2 gives no public access to its sockets. */
function socketOf(connection: Connection): Socket {
  const socket: unknown = Reflect.get(connection, '_sock')
  if (!(socket instanceof Socket)) throw new Error('ssh2 keeps its socket elsewhere now')
  return socket
}

/** About one in 200 keys that ssh2 makes cannot be read by ssh2 (it drops a leading zero): then another one. */
function makeHostKey(): { text: string; parsed: ParsedKey } {
  for (;;) {
    const text = ssh2.utils.generateKeyPairSync('ed25519').private
    const parsed = ssh2.utils.parseKey(text)
    if (!(parsed instanceof Error)) return { text, parsed }
  }
}

function fingerprintOf(key: ParsedKey): string {
  const digest = createHash('sha256').update(key.getPublicSSH()).digest('base64')
  return `SHA256:${digest.replace(/=+$/, '')}`
}
