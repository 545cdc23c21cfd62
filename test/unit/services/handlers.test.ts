import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { nodeRandom } from '../../../main/adapters/node-random.ts'
import { createNodeUserFiles } from '../../../main/adapters/node-user-files.ts'
import type { Handlers, ParsedInput } from '../../../main/contract/calls.ts'
import { AppError } from '../../../main/model/app-error.ts'
import type { SecretValues } from '../../../main/model/credential.ts'
import { PasswordRules } from '../../../main/model/generator.ts'
import { createHandlers } from '../../../main/services/handlers.ts'
import { createGeneratorService } from '../../../main/services/generator-service.ts'
import type { HandlerParts } from '../../../main/services/handlers.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'
import { tempFolder } from '../../helpers/temp-home.ts'
import { uuid } from '../core/jobs/support.ts'

const done = { id: uuid(1), name: 'nas', rev: 1 }
const draft = { name: 'nas', type: 'sftp' as const, fields: { host: 'nas' }, hostKey: null, tags: [] }
const badRequest: unknown = expect.objectContaining({ code: 'bad-request' })

type Bench = {
  readonly handlers: Handlers
  /** What reached the services: text of a secret as it was, and the bytes themselves. */
  readonly secrets: { readonly text: string; readonly bytes: Uint8Array }[]
  readonly locals: (string | undefined)[]
  /** What dialogs answer. */
  readonly answers: { folder: string | null; file: string | null }
  /** When set, every change fails with it. */
  refusal: AppError | null
  /** A home directory with `.ssh`. */
  readonly home: string
}

async function bench(): Promise<Bench> {
  const home = await tempFolder()
  await mkdir(join(home, '.ssh'))
  const oldHome = process.env['HOME']
  process.env['HOME'] = home
  onTestFinished(() => {
    process.env['HOME'] = oldHome
  })
  const one: Omit<Bench, 'handlers'> = {
    secrets: [],
    locals: [],
    answers: { folder: null, file: null },
    refusal: null,
    home,
  }
  const take = <T>(secrets: SecretValues, answer: T): Promise<T> => {
    for (const bytes of Object.values(secrets))
      one.secrets.push({ text: new TextDecoder().decode(bytes), bytes })
    return one.refusal === null ? Promise.resolve(answer) : Promise.reject(one.refusal)
  }
  const addJob = (local: string | undefined): Promise<typeof done> => {
    if (one.refusal !== null) return Promise.reject(one.refusal)
    one.locals.push(local)
    return Promise.resolve(done)
  }
  const clock = createFakeClock()
  const parts = {
    ports: {
      random: nodeRandom,
      userFiles: createNodeUserFiles({ agentSocket: null, cwd: '/' }),
      clock,
      vault: { onState: () => {} },
    },
    desktop: {
      folderPicker: {
        pickFolder: () => Promise.resolve(one.answers.folder),
        pickFile: () => Promise.resolve(one.answers.file),
      },
      clipboard: {
        copySecret: (secret: Uint8Array) => take({ copied: secret }, undefined),
        clearIfOurs: () => Promise.resolve(),
      },
    },
    services: {
      credentials: {
        add: (_draft: unknown, secrets: SecretValues) => take(secrets, done),
        edit: (_id: unknown, _patch: unknown, secrets: SecretValues) => take(secrets, done),
        tasks: {
          testDraft: (_draft: unknown, secrets: SecretValues) =>
            take(secrets, { ok: true, steps: [], hostKey: null }),
        },
      },
      jobs: {
        add: (given: { local: string }) => addJob(given.local),
        edit: (_id: unknown, patch: { local?: string }) => addJob(patch.local),
      },
      vault: { settings: () => Promise.resolve({ clearClipboardMs: 20_000 }) },
      generator: createGeneratorService({ random: nodeRandom, clock }),
      scheduler: null,
    },
    preferences: {},
    warnings: [],
    hasTray: () => true,
  }
  // The groups under test use only these parts of the services.
  const handlers = createHandlers(parts as unknown as HandlerParts)
  return Object.assign(one, { handlers })
}

const given = (token: string, field = 'privateKey'): ParsedInput<'credentials.testDraft'> => ({
  draft,
  secrets: {},
  secretFiles: { [field]: token },
  generated: {},
  basedOn: null,
})
const jobDraft: ParsedInput<'jobs.add'>['draft'] = {
  name: 'docs',
  credential: uuid(900),
  remote: 'docs',
  mode: 'mirror',
  direction: 'push',
  schedule: 'manual',
  zone: 'UTC',
  whenLocked: 'until-quit',
  filters: [],
  maxDelete: null,
  enabled: true,
}

async function pickedKey(one: Bench): Promise<string> {
  one.answers.file = join(one.home, 'id')
  await writeFile(one.answers.file, 'KEY')
  return (await one.handlers['dialogs.pickKeyFile']({ title: 'Key' }))?.token ?? ''
}

async function pickedFolder(one: Bench): Promise<string> {
  one.answers.folder = one.home
  return (await one.handlers['dialogs.pickFolder']({ title: 'Folder' }))?.token ?? ''
}

describe('credentials.parseTarget', () => {
  it('gives the page no token for a file that the line names', async () => {
    const { handlers, home } = await bench()
    await writeFile(join(home, 'secret.txt'), 'TOP')
    for (const line of [`ssh -i ${home}/secret.txt u@nas`, `ssh -i${home}/secret.txt nas`]) {
      const target = await handlers['credentials.parseTarget']({ line })
      expect(target).toMatchObject({ fields: { host: 'nas' }, identityFile: null })
    }
  })

  it('offers the key file that ~/.ssh/config names, good for a secret and for nothing else', async () => {
    const { handlers, home, secrets, locals } = await bench()
    await writeFile(join(home, '.ssh', 'config'), 'Host nas\n  IdentityFile ~/.ssh/nas\n')
    await writeFile(join(home, '.ssh', 'nas'), 'KEY')
    const target = await handlers['credentials.parseTarget']({ line: 'nas' })
    const file = target?.identityFile
    expect(file?.shown).toBe(join(home, '.ssh', 'nas'))
    const token = file?.token ?? ''
    await expect(handlers['jobs.add']({ draft: jobDraft, localToken: token })).rejects.toEqual(badRequest)
    await handlers['credentials.add'](given(token))
    expect([secrets.map(({ text }) => text), locals]).toEqual([['KEY'], []])
  })
})

describe('tokens of dialogs', () => {
  it('let a key file be tested, refused, corrected and saved with one pick, and then end', async () => {
    const one = await bench()
    const token = await pickedKey(one)
    await one.handlers['credentials.testDraft'](given(token))
    one.refusal = new AppError('name-taken', 'taken')
    await expect(one.handlers['credentials.add'](given(token))).rejects.toMatchObject({ code: 'name-taken' })
    one.refusal = null
    await one.handlers['credentials.add'](given(token))
    expect(one.secrets.map(({ text }) => text)).toEqual(['KEY', 'KEY', 'KEY'])
    await expect(one.handlers['credentials.add'](given(token))).rejects.toEqual(badRequest)
  })

  it('end with an edit as well', async () => {
    const one = await bench()
    const token = await pickedKey(one)
    const edit = { id: uuid(1), patch: {}, secrets: {}, secretFiles: { privateKey: token }, generated: {} }
    await one.handlers['credentials.edit'](edit)
    await expect(one.handlers['credentials.edit'](edit)).rejects.toEqual(badRequest)
  })

  it('let a folder be sent again after a job was refused, and end when it is stored', async () => {
    const one = await bench()
    const token = await pickedFolder(one)
    one.refusal = new AppError('name-taken', 'taken')
    const add = () => one.handlers['jobs.add']({ draft: jobDraft, localToken: token })
    await expect(add()).rejects.toMatchObject({ code: 'name-taken' })
    one.refusal = null
    await add()
    expect(one.locals).toEqual([one.home])
    await expect(add()).rejects.toEqual(badRequest)
  })

  it('are no key file when a folder was chosen, whatever the page asks', async () => {
    const one = await bench()
    const token = await pickedFolder(one)
    await expect(one.handlers['credentials.add'](given(token))).rejects.toEqual(badRequest)
    await expect(one.handlers['credentials.testDraft'](given(token))).rejects.toEqual(badRequest)
  })

  it('are no folder when a key file was chosen', async () => {
    const one = await bench()
    const token = await pickedKey(one)
    const edit = { id: uuid(1), patch: {}, localToken: token }
    await expect(one.handlers['jobs.edit'](edit)).rejects.toEqual(badRequest)
    expect(one.locals).toEqual([])
  })
})

describe('key files', () => {
  it.for(['credentials.add', 'credentials.testDraft'] as const)(
    'are wiped when %s is done, and when it fails',
    async (name) => {
      const one = await bench()
      const token = await pickedKey(one)
      one.refusal = new AppError('busy', 'busy')
      await expect(one.handlers[name](given(token))).rejects.toMatchObject({ code: 'busy' })
      one.refusal = null
      await one.handlers[name](given(token))
      expect(one.secrets.map(({ text, bytes }) => [text, [...bytes]])).toEqual([
        ['KEY', [0, 0, 0]],
        ['KEY', [0, 0, 0]],
      ])
    },
  )

  it('are refused by the name of their field when they are gone', async () => {
    const one = await bench()
    one.answers.file = join(one.home, 'gone')
    const token = (await one.handlers['dialogs.pickKeyFile']({ title: 'Key' }))?.token ?? ''
    await expect(one.handlers['credentials.add'](given(token))).rejects.toMatchObject({
      code: 'bad-request',
      details: { field: 'privateKey' },
    })
  })
})

describe('generated secrets', () => {
  const made = (token: string) => ({ draft, secrets: {}, secretFiles: {}, generated: { password: token } })

  it('reach what stores them without being seen by the page, as often as it is refused, and then end', async () => {
    const one = await bench()
    const answer = await one.handlers['generate.password'](PasswordRules.parse({ length: 24 }))
    expect(Object.keys(answer).sort()).toEqual(['bits', 'token'])
    one.refusal = new AppError('name-taken', 'name is taken')
    await expect(one.handlers['credentials.add'](made(answer.token))).rejects.toMatchObject({
      code: 'name-taken',
    })
    one.refusal = null
    await one.handlers['credentials.add'](made(answer.token))
    const [first, second] = one.secrets
    expect([first?.text, first?.text.length]).toEqual([second?.text, 24])
    expect(one.secrets.every(({ bytes }) => bytes.every((byte) => byte === 0))).toBe(true)
    await expect(one.handlers['credentials.add'](made(answer.token))).rejects.toEqual(badRequest)
  })

  it('are copied in main', async () => {
    const one = await bench()
    const { token } = await one.handlers['generate.password'](PasswordRules.parse({}))
    expect(await one.handlers['generate.copy']({ token })).toEqual({ clearsAfterMs: 20_000 })
    expect(one.secrets[0]?.text).toHaveLength(20)
  })

  it('show of a key its public line and fingerprint only', async () => {
    const one = await bench()
    const answer = await one.handlers['generate.sshKey']({ comment: 'mira' })
    expect(answer.publicLine).toMatch(/^ssh-ed25519 AAAA\S+ mira$/)
    expect(answer.fingerprint).toMatch(/^SHA256:/)
    expect(Object.keys(answer).sort()).toEqual(['fingerprint', 'publicLine', 'token'])
  })
})
