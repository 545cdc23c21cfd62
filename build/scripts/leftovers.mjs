/** What a test run must not leave behind on the machine: a listening port, an OS user. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** @typedef {{ ports: Map<string, string>, users: Set<string> }} Snapshot */

/** LISTEN in the state column of /proc/net/tcp. */
const LISTEN = '0A'

/**
 * The listening TCP sockets of a /proc/net/tcp table: port -> inode.
 *
 * @param {string} table
 * @returns {Map<string, string>}
 */
export function listeningPorts(table) {
  /** @type {Map<string, string>} */
  const ports = new Map()
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/)
    const [address, state, inode] = [columns[1], columns[3], columns[9]]
    if (state !== LISTEN || address === undefined || inode === undefined) continue
    ports.set(String(Number.parseInt(address.split(':')[1] ?? '', 16)), inode)
  }
  return ports
}

/** Empty on systems without /proc, where the runner cannot look. @param {string} file */
function readOrEmpty(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/**
 * What listens and who exists now.
 *
 * @returns {Snapshot}
 */
export function takeSnapshot() {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => listeningPorts(readOrEmpty(file)))
  const ports = new Map(tables.flatMap((table) => [...table]))
  const users = readOrEmpty('/etc/passwd')
    .split('\n')
    .map((line) => line.split(':')[0] ?? '')
  return { ports, users: new Set(users.filter((name) => name !== '')) }
}

/**
 * One sentence for each thing that `after` has and `before` had not.
 *
 * @param {Snapshot} before
 * @param {Snapshot} after
 * @param {(inode: string) => string} describe names the process that holds a socket
 * @returns {string[]}
 */
export function leftovers(before, after, describe = ownerOf) {
  const ports = [...after.ports].filter(([port]) => !before.ports.has(port))
  const users = [...after.users].filter((name) => !before.users.has(name))
  return [
    ...ports.map(([port, inode]) => `TCP port ${port} is still open (${describe(inode)})`),
    ...users.map((name) => `the OS user ${name} is still there`),
  ]
}

/**
 * `process 123: sshd -D ...`, or that it is unknown; needs the rights to look at that process.
 *
 * @param {string} inode
 */
function ownerOf(inode) {
  const pids = safeList('/proc').filter((name) => /^\d+$/.test(name))
  const pid = pids.find((name) =>
    safeList(`/proc/${name}/fd`).some(
      (fd) => readLinkOrEmpty(`/proc/${name}/fd/${fd}`) === `socket:[${inode}]`,
    ),
  )
  if (pid === undefined) return 'process unknown'
  return `process ${pid}: ${readOrEmpty(`/proc/${pid}/cmdline`).split('\0').join(' ').trim()}`
}

/** @param {string} folder */
function safeList(folder) {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** @param {string} file */
function readLinkOrEmpty(file) {
  try {
    return readlinkSync(file)
  } catch {
    return ''
  }
}
