import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OpenSshServer } from '../servers/openssh.ts'
import { mustRun, type Finished } from './command.ts'

/** Copies a folder; `remote` is relative to the served folder. */
export type Copy = {
  readonly local: string
  readonly remote: string
  readonly direction: 'push' | 'pull'
}

export type Peers = {
  rclone(copy: Copy): Promise<Finished>
  /** Sixteen files and sixteen checks at a time, and no hash of the content. */
  rcloneTuned(copy: Copy): Promise<Finished>
  rsync(copy: Copy): Promise<Finished>
}

/** Other programs with the same key on the same server; `folder` takes their configuration. */
export function createPeers(folder: string, server: OpenSshServer): Peers {
  const config = join(folder, 'rclone.conf')
  const { host, port, user, keyFile } = server
  const lines = [`type = sftp`, `host = ${host}`, `port = ${port}`, `user = ${user}`, `key_file = ${keyFile}`]
  const quiet = ['shell_type = unix']
  writeFileSync(
    config,
    `[server]\n${[...lines, ...quiet].join('\n')}\n\n[nohash]\n${[...lines, ...quiet, 'disable_hashcheck = true'].join('\n')}\n`,
    { mode: 0o600 },
  )
  const rclone = (
    { local, remote, direction }: Copy,
    name: string,
    flags: readonly string[],
  ): Promise<Finished> => {
    const there = `${name}:${remote}`
    const ends = direction === 'push' ? [local, there] : [there, local]
    return mustRun('rclone', ['--config', config, 'copy', ...flags, ...ends])
  }
  const ssh = `ssh -p ${port} -i ${keyFile} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`
  return {
    rclone: (copy) => rclone(copy, 'server', []),
    rcloneTuned: (copy) =>
      rclone(copy, 'nohash', ['--transfers', '16', '--checkers', '16', '--ignore-checksum']),
    rsync({ local, remote, direction }) {
      const there = `${user}@${host}:${remote}/`
      const ends = direction === 'push' ? [`${local}/`, there] : [there, `${local}/`]
      return mustRun('rsync', ['-a', '--whole-file', '-e', ssh, ...ends])
    },
  }
}
