import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import os from 'node:os'

/** What the figures depend on; printed above the table and part of the JSON. */
export type Machine = {
  readonly date: string
  readonly processor: string
  readonly cores: number
  readonly memoryGb: number
  readonly system: string
  readonly node: string
  readonly openssl: string
  readonly fernsync: string
  readonly rclone: string
  readonly rsync: string
  readonly sshd: string
  readonly cryptography: string
  readonly npmFernet: string
  /** Of the loopback interface. */
  readonly mtu: number
  readonly isNamespace: boolean
  /** Load of the last minute when the bench began: figures from a busy machine say little. */
  readonly load: number
}

function firstLine(command: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  return `${stdout}\n${stderr}`.trim().split('\n')[0]?.trim() ?? ''
}

function versionOf(packageFile: string): string {
  const parsed: unknown = JSON.parse(readFileSync(packageFile, 'utf8'))
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : '?'
}

/** Asked by netlink: /sys goes on showing the network that it was mounted in. */
function loopbackMtu(): number {
  const { stdout } = spawnSync('ip', ['-o', 'link', 'show', 'lo'], { encoding: 'utf8' })
  return Number(/ mtu (\d+) /.exec(stdout)?.[1] ?? Number.NaN)
}

export function describeMachine(root: string, isNamespace: boolean): Machine {
  const [cpu] = os.cpus()
  const [load = 0] = os.loadavg()
  return {
    date: new Date().toISOString(),
    processor: cpu?.model.trim() ?? '?',
    cores: os.cpus().length,
    memoryGb: Math.round(os.totalmem() / 1e9),
    system: `${os.type()} ${os.release()}`,
    node: process.versions.node,
    openssl: process.versions.openssl,
    fernsync: versionOf(`${root}/package.json`),
    rclone: firstLine('rclone', ['version']),
    rsync: firstLine('rsync', ['--version']).replace(/\s+protocol.*$/, ''),
    sshd: firstLine('ssh', ['-V']),
    cryptography: firstLine('python3', ['-c', 'import cryptography; print(cryptography.__version__)']),
    npmFernet: versionOf(`${root}/node_modules/fernet/package.json`),
    mtu: loopbackMtu(),
    isNamespace,
    load,
  }
}

export function machineLines(machine: Machine): readonly string[] {
  const { date, processor, cores, memoryGb, system, mtu, isNamespace, load } = machine
  return [
    `${date}, ${cores} x ${processor}, ${memoryGb} GB, ${system}, load ${load.toFixed(1)}`,
    `Fernsync ${machine.fernsync} on Node ${machine.node} (OpenSSL ${machine.openssl}); ${machine.rclone}; ${machine.rsync}; ${machine.sshd}; ` +
      `Python cryptography ${machine.cryptography}; npm fernet ${machine.npmFernet}`,
    `lo MTU ${mtu}${isNamespace ? ', in a network namespace of its own' : ': no namespace allowed here; a loopback of 64 KiB packets distorts SFTP up to six times'}`,
  ]
}
