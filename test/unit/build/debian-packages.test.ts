import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  debianPackages,
  install,
  installCommand,
  missingPackages,
  removedBy,
  withoutServices,
} from '../../../build/scripts/debian-packages.mjs'
import { BENCH_PACKAGES, suites } from '../../../build/scripts/suites.mjs'

const script = path.resolve(import.meta.dirname, '../../../build/scripts/debian-packages.mjs')
let folder = ''
let policy = ''

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'fernsync-debian-'))
  policy = path.join(folder, 'policy-rc.d')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('debianPackages', () => {
  it('lists every package that a suite or the bench needs', () => {
    const needed = [...suites.flatMap(({ needs }) => needs.packages ?? []), ...BENCH_PACKAGES]
    expect(needed.filter((name) => !(name in debianPackages))).toEqual([])
  })
})

describe('missingPackages', () => {
  it('finds a package by its probe, on the system or unpacked elsewhere', () => {
    const present = path.join(folder, 'usr/bin')
    mkdirSync(present, { recursive: true })
    for (const name of ['rclone', 'rsync']) writeFileSync(path.join(present, name), '')
    expect(missingPackages(['rclone', 'rsync'], [folder])).toEqual([])
  })

  it('refuses a name that is not listed', () => {
    expect(() => missingPackages(['left-pad'])).toThrow('left-pad is not listed')
  })
})

describe('installCommand', () => {
  it('is a command that a person can paste', () => {
    expect(installCommand(['chromium', 'xvfb'])).toBe(
      'sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium xvfb',
    )
  })
})

describe('removedBy', () => {
  it('reads which packages an install would remove', () => {
    const simulation = [
      'The following packages will be REMOVED:',
      '  rsh-server',
      'Remv rsh-server [0.17-22]',
      'Inst openssh-server (1:9.2p1-2+deb12u6 Debian:12.12/stable [amd64])',
      'Conf openssh-server (1:9.2p1-2+deb12u6 Debian:12.12/stable [amd64])',
    ].join('\n')
    expect(removedBy(simulation)).toEqual(['rsh-server'])
  })
})

describe('install', () => {
  /** An apt-get that installs nothing, writes down how it was called, and would remove `rsh` for rsync. */
  const APT = `#!/bin/sh
echo "$(basename "$0") $* | policy: $(cat "$POLICY" | tail -n 1) | $DEBIAN_FRONTEND" >> "$CALLS"
case "$*" in
  'install -s '*rsync) echo 'Remv rsh [0.17-22]' ;;
  'download -qq rsync') : > rsync_3.2.7-1_amd64.deb ;;
esac
`

  it('brings the lists up to date, lets no service start, and pushes no package out', async () => {
    const calls = path.join(folder, 'calls')
    for (const name of ['apt-get', 'dpkg']) writeFileSync(path.join(folder, name), APT, { mode: 0o755 })
    vi.stubEnv('PATH', `${folder}:${process.env.PATH ?? ''}`)
    vi.stubEnv('CALLS', calls)
    vi.stubEnv('POLICY', policy)
    const said = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const cache = path.join(folder, 'cache')
    const folders = await install(['rclone', 'rsync'], { cache, policyFile: policy })
    const spoken = said.mock.calls.flat()
    said.mockRestore()
    vi.unstubAllEnvs()
    const how = '| policy: exit 101 | noninteractive'
    expect(readFileSync(calls, 'utf8').trim().split('\n')).toEqual([
      `apt-get update -qq ${how}`,
      `apt-get install -s --no-install-recommends rclone ${how}`,
      `apt-get install -s --no-install-recommends rsync ${how}`,
      `apt-get install -y -qq --no-install-recommends rclone ${how}`,
      `apt-get download -qq rsync ${how}`,
      `dpkg -x ${cache}/debs/rsync_3.2.7-1_amd64.deb ${cache}/root ${how}`,
    ])
    expect(folders).toEqual([`${cache}/root/usr/sbin`, `${cache}/root/usr/bin`])
    expect(spoken).toContainEqual(expect.stringMatching(/rclone +the bench compares with it/))
    expect(existsSync(policy)).toBe(false)
  })

  it('ends with the last words of apt-get when it fails, and lets services start again', async () => {
    writeFileSync(path.join(folder, 'apt-get'), '#!/bin/sh\necho "E: Unable to fetch" >&2; exit 100\n', {
      mode: 0o755,
    })
    vi.stubEnv('PATH', `${folder}:${process.env.PATH ?? ''}`)
    const said = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    await expect(install(['rclone'], { cache: folder, policyFile: policy })).rejects.toThrow(
      'E: Unable to fetch',
    )
    said.mockRestore()
    vi.unstubAllEnvs()
    expect(existsSync(policy)).toBe(false)
  })
})

describe('withoutServices', () => {
  it('forbids services while it works, and no longer', async () => {
    const seen = await withoutServices(policy, () =>
      Promise.resolve({ mode: statSync(policy).mode & 0o777, text: readFileSync(policy, 'utf8') }),
    )
    expect(seen.mode).toBe(0o755)
    expect(seen.text).toMatch(/^#!\/bin\/sh\n.*\nexit 101\n$/)
    expect(existsSync(policy)).toBe(false)
  })

  it('takes that back when the work fails', async () => {
    await expect(withoutServices(policy, () => Promise.reject(new Error('no network')))).rejects.toThrow(
      'no network',
    )
    expect(existsSync(policy)).toBe(false)
  })

  it('leaves a policy alone that was there before', async () => {
    writeFileSync(policy, '#!/bin/sh\nexit 101\n')
    await withoutServices(policy, () => Promise.resolve())
    expect(readFileSync(policy, 'utf8')).toBe('#!/bin/sh\nexit 101\n')
  })

  it('removes what an earlier run was killed over', async () => {
    let text = ''
    await withoutServices(policy, () => Promise.resolve((text = readFileSync(policy, 'utf8'))))
    writeFileSync(policy, text)
    await withoutServices(policy, () => Promise.resolve())
    expect(existsSync(policy)).toBe(false)
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'takes that back on %s, and ends by that signal',
    async (signal) => {
      const code = `
      import { withoutServices } from ${JSON.stringify(script)}
      await withoutServices(${JSON.stringify(policy)}, () => {
        console.log('working')
        return new Promise((resolve) => setTimeout(resolve, 60_000))
      })`
      const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await once(child.stdout, 'data')
      expect(existsSync(policy)).toBe(true)
      child.kill(signal)
      expect((await once(child, 'exit'))[1]).toBe(signal)
      expect(existsSync(policy)).toBe(false)
    },
  )
})
