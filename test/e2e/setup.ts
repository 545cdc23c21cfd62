// Brings the app into a state quickly, by the same calls that the screens make. For tests about something else.
import type { Page } from '@playwright/test'
import * as z from 'zod'
import type { OpenSshServer } from '../servers/openssh.ts'
import type { RunningApp } from './fixture.ts'
import { answerDialog, callFrom, type PageGlobals } from './person.ts'

const Created = z.object({ id: z.string() })

/** Calls with one secret field as bytes: they are made in the page, as its own forms do. */
async function callWithSecrets(
  page: Page,
  name: string,
  input: Readonly<Record<string, unknown>>,
  secrets: Readonly<Record<string, string>>,
): Promise<unknown> {
  const answer = await page.evaluate(
    async ([call, value, texts]) => {
      const { api } = globalThis as unknown as PageGlobals // reason: see PageGlobals
      const bytes = Object.entries(texts).map(([field, text]) => [field, new TextEncoder().encode(text)])
      return api.call[call]?.({ ...value, secrets: Object.fromEntries(bytes) as unknown })
    },
    [name, input, secrets] as const,
  )
  if (answer === undefined || !answer.ok) throw new Error(`${name}: ${answer?.error.code ?? 'no such call'}`)
  return answer.value
}

export type ServerSetup = {
  readonly name: string
  /** Instead of the server's own. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Null: its identity is not confirmed yet. */
  readonly hostKey?: string | null
  readonly host?: string
  readonly port?: number
  readonly user?: string
}

/** What the server takes: its password, or without root its key. */
function signIn({ password, privateKey }: OpenSshServer): Readonly<Record<string, string>> {
  return password === null ? { privateKey: privateKey.toString() } : { password }
}

/** Stores a server, trusted and with a sign-in that it takes; answers its id. */
export async function addServer(page: Page, server: OpenSshServer, setup: ServerSetup): Promise<string> {
  const draft = {
    name: setup.name,
    type: 'sftp',
    fields: {
      host: setup.host ?? server.host,
      port: String(setup.port ?? server.port),
      user: setup.user ?? server.user,
    },
    hostKey: setup.hostKey === undefined ? server.fingerprint('ed25519') : setup.hostKey,
  }
  const secrets = setup.secrets ?? signIn(server)
  return Created.parse(await callWithSecrets(page, 'credentials.add', { draft, secretFiles: {} }, secrets)).id
}

/** Stores a server whose key comes from a file that the system's dialog names; answers its id. */
export async function addServerWithKeyFile(
  started: RunningApp,
  page: Page,
  server: OpenSshServer,
  { name, file }: { readonly name: string; readonly file: string },
): Promise<string> {
  await answerDialog(started, file)
  const picked = await callFrom(page, 'dialogs.pickKeyFile', { title: 'Key' })
  if (!picked.ok) throw new Error(picked.error.code)
  const { token } = z.object({ token: z.string() }).parse(picked.value)
  const { host, port, user } = server
  const draft = {
    name,
    type: 'sftp',
    fields: { host, port: String(port), user },
    hostKey: server.fingerprint('ed25519'),
  }
  const added = await callFrom(page, 'credentials.add', {
    draft,
    secrets: {},
    secretFiles: { privateKey: token },
  })
  if (!added.ok) throw new Error(`credentials.add: ${added.error.code}`)
  return Created.parse(added.value).id
}

/** Replaces secrets of a stored server. */
export async function editSecrets(
  page: Page,
  id: string,
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  await callWithSecrets(page, 'credentials.edit', { id, patch: {}, secretFiles: {} }, secrets)
}

export type JobSetup = {
  readonly name: string
  readonly credential: string
  readonly local: string
  readonly remote?: string
  readonly schedule?: string
  readonly whenLocked?: 'until-quit' | 'wait'
  readonly mode?: 'copy' | 'mirror'
  readonly enabled?: boolean
}

/** Makes a job that pushes `local`; answers its id. */
export async function addJob(started: RunningApp, page: Page, setup: JobSetup): Promise<string> {
  const { local, ...rest } = setup
  await answerDialog(started, local)
  const picked = await callFrom(page, 'dialogs.pickFolder', { title: 'Folder' })
  if (!picked.ok) throw new Error(picked.error.code)
  const { token } = z.object({ token: z.string() }).parse(picked.value)
  const draft = { remote: 'backup', mode: 'copy', direction: 'push', zone: 'UTC', ...rest }
  const added = await callFrom(page, 'jobs.add', { draft, localToken: token })
  if (!added.ok) throw new Error(`jobs.add: ${added.error.code}`)
  return Created.parse(added.value).id
}
