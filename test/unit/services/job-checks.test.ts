import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createNodeUserFiles } from '../../../main/adapters/node-user-files.ts'
import { checkedLocal, checkedSafety } from '../../../main/services/job-checks.ts'
import type { PlacePorts } from '../../../main/services/job-checks.ts'
import { tempFolder } from '../../helpers/temp-home.ts'

/** A folder with a Fernsync home, a folder to sync, and links to both. */
async function places(): Promise<{ root: string; ports: PlacePorts }> {
  const root = await tempFolder()
  for (const name of ['fernsync', 'docs']) await mkdir(join(root, name))
  await symlink(join(root, 'fernsync'), join(root, 'to-fernsync'))
  await symlink(join(root, 'docs'), join(root, 'to-docs'))
  await symlink(join(root, 'nothing'), join(root, 'to-nothing'))
  await writeFile(join(root, 'file'), '')
  const userFiles = createNodeUserFiles({ agentSocket: null, cwd: root })
  return { root, ports: { userFiles, home: join(root, 'to-fernsync') } }
}

const pull = { direction: 'pull' as const, local: '', safety: null }
const wrong = (field: string): unknown => {
  const details: unknown = expect.objectContaining({ field })
  return expect.objectContaining({ code: 'bad-request', details })
}

describe('checkedLocal', () => {
  it('answers the real path of a folder given relative or through a link', async () => {
    const { root, ports } = await places()
    expect(await checkedLocal(ports, 'docs')).toBe(join(root, 'docs'))
    expect(await checkedLocal(ports, 'to-docs')).toBe(join(root, 'docs'))
  })

  it.for(['gone', 'file', 'file/below', 'to-nothing'])(
    'refuses %j by the name of the field',
    async (path) => {
      const { ports } = await places()
      await expect(checkedLocal(ports, path)).rejects.toEqual(wrong('local'))
    },
  )

  it.for(['.', 'fernsync', 'to-fernsync'])(
    'refuses %j, which overlaps the home of Fernsync although that is named by a link',
    async (path) => {
      const { ports } = await places()
      await expect(checkedLocal(ports, path)).rejects.toMatchObject({ code: 'unsafe-root' })
    },
  )
})

describe('checkedSafety', () => {
  it('stores the folder of a pulling job absolute, with links resolved, before it exists', async () => {
    const { root, ports } = await places()
    await mkdir(join(root, 'kept'))
    await symlink(join(root, 'kept'), join(root, 'to-kept'))
    const change = { ...pull, local: join(root, 'docs'), safety: 'to-kept/old/files' }
    expect(await checkedSafety(ports, null, change)).toEqual({ safety: join(root, 'kept/old/files') })
  })

  it.for(['/', 'fernsync', 'fernsync/old', 'to-fernsync/device', '.'])(
    'refuses %j as the folder of a pulling job',
    async (safety) => {
      const { root, ports } = await places()
      const change = { ...pull, local: join(root, 'docs'), safety }
      await expect(checkedSafety(ports, null, change)).rejects.toMatchObject({ code: 'unsafe-root' })
    },
  )

  it.for(['docs', 'docs/old', 'to-docs/old', 'file/old', 'to-nothing/old', 'to-nothing'])(
    'refuses %j by the name of the field: in the synced folder, or no folder',
    async (safety) => {
      const { root, ports } = await places()
      const change = { ...pull, local: join(root, 'docs'), safety }
      await expect(checkedSafety(ports, null, change)).rejects.toEqual(wrong('safety'))
    },
  )

  it('refuses a synced folder that would take in the safety folder it has', async () => {
    const { root, ports } = await places()
    const current = { ...pull, local: join(root, 'docs'), safety: join(root, 'other/old') }
    await mkdir(join(root, 'other'))
    await expect(checkedSafety(ports, current, { local: join(root, 'other') })).rejects.toEqual(
      wrong('safety'),
    )
    expect(await checkedSafety(ports, current, { local: join(root, 'docs') })).toEqual({})
  })

  it('leaves the folder of a pushing job to its server', async () => {
    const { root, ports } = await places()
    const push = { direction: 'push' as const, local: join(root, 'docs'), safety: '/' }
    expect(await checkedSafety(ports, null, push)).toEqual({ safety: '/' })
  })

  it('refuses to turn a job round that has a folder on one side, unless it is given again', async () => {
    const { root, ports } = await places()
    const current = { direction: 'push' as const, local: join(root, 'docs'), safety: 'old' }
    const turned = { direction: 'pull' as const }
    await expect(checkedSafety(ports, current, turned)).rejects.toEqual(wrong('safety'))
    expect(await checkedSafety(ports, current, { ...turned, safety: null })).toEqual({ safety: null })
    expect(await checkedSafety(ports, current, { ...turned, safety: 'kept' })).toEqual({
      safety: join(root, 'kept'),
    })
    expect(await checkedSafety(ports, { ...current, safety: null }, turned)).toEqual({})
  })

  it('changes nothing when an edit says nothing of it', async () => {
    const { root, ports } = await places()
    const current = { ...pull, local: join(root, 'docs'), safety: join(root, 'kept') }
    expect(await checkedSafety(ports, current, {})).toEqual({})
    expect(await checkedSafety(ports, current, { direction: 'pull' })).toEqual({})
  })
})
