import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { watchProcesses } from '../../integration/cli/watch-processes.ts'

const canary = 'k3Qz-_8vBn2mLw0pXr7tYc5a'

/** A shell whose child is what is looked for. */
async function leaksOf(command: string, env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const child = spawn('sh', ['-c', `${command} & wait`], { env: { PATH: process.env['PATH'] ?? '', ...env } })
  const watch = watchProcesses(child.pid ?? 0, [canary])
  await new Promise((resolve) => child.on('close', resolve))
  return watch.stop().leaks
}

describe('watchProcesses', () => {
  it('sees a canary among the arguments of a child', async () => {
    expect(await leaksOf(`sleep 0.3 0 ; sh -c 'sleep 0.3' ${canary}`, {})).not.toEqual([])
  })

  it('sees a canary in the environment of a child', async () => {
    expect(await leaksOf(`SECRET=x${canary} sleep 0.3`, {})).not.toEqual([])
  })

  it('sees none where there is none', async () => {
    expect(await leaksOf('sleep 0.2', { SECRET: 'harmless' })).toEqual([])
  })
})
