import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { toHex, utf8 } from '../core/crypto/bytes.ts'
import { hmacSha256 } from '../core/crypto/sha256.ts'

// machine-id(5): the id itself must not be shown; a keyed hash of it tells nothing outside of this program.
const PURPOSE = 'fernsync machine id'
const LINUX_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id']
const TIMEOUT_MS = 2000

export type MachineIdSources = {
  readonly platform?: NodeJS.Platform
  readonly linuxFiles?: readonly string[]
}

/**
 * A hash of the machine's id, 64 hex digits; null when it has none. Tells a device folder that was copied to another machine.
 */
export function machineIdHash(sources: MachineIdSources = {}): string | null {
  const { platform = process.platform, linuxFiles = LINUX_FILES } = sources
  const id = readMachineId(platform, linuxFiles)
  return id === null ? null : toHex(hmacSha256(utf8(PURPOSE), utf8(id)))
}

function readMachineId(platform: NodeJS.Platform, linuxFiles: readonly string[]): string | null {
  try {
    if (platform === 'darwin')
      return matched(
        run('/usr/sbin/ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice']),
        /"IOPlatformUUID" = "([^"]+)"/,
      )
    if (platform === 'win32')
      return matched(
        run('reg.exe', ['query', 'HKLM\\SOFTWARE\\Microsoft\\Cryptography', '/v', 'MachineGuid']),
        /MachineGuid\s+REG_SZ\s+(\S+)/,
      )
    return firstLine(linuxFiles)
  } catch {
    return null
  }
}

function firstLine(files: readonly string[]): string | null {
  for (const file of files) {
    try {
      const id = matched(readFileSync(file, 'utf8'), /^([0-9a-f]{32})$/m)
      if (id !== null) return id
    } catch {
      // The next place.
    }
  }
  return null
}

function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', timeout: TIMEOUT_MS, windowsHide: true })
}

function matched(text: string, pattern: RegExp): string | null {
  return pattern.exec(text)?.[1] ?? null
}
