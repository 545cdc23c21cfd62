import type { ImportFormat } from '../../model/import.ts'

const names: Readonly<Record<string, ImportFormat>> = {
  'rclone.conf': 'rclone',
  'sitemanager.xml': 'filezilla',
  'filezilla.xml': 'filezilla',
  'winscp.ini': 'winscp',
  config: 'openssh',
  ssh_config: 'openssh',
}
const endings: Readonly<Record<string, ImportFormat>> = { kdbx: 'kdbx', duck: 'cyberduck' }

/** What only one format has near its beginning, in the order in which they are looked for. */
const marks: readonly (readonly [RegExp, ImportFormat])[] = [
  [/^\s*\{\s*"format"\s*:\s*"fernsync-export"/, 'json'],
  [/^\s*\{\s*"v"\s*:\s*0\b/, 'portable'],
  [/^\s*\{\s*"encrypted"\s*:/, 'bitwarden'],
  [/<FileZilla3[\s>]/, 'filezilla'],
  [/<plist[\s>]/, 'cyberduck'],
  [/^RCLONE_ENCRYPT_V0:/m, 'rclone'],
  [/^\[Sessions\\/m, 'winscp'],
  [/^\s*\[[^\]]+\]\s*\n(?:[^[]*\n)?type\s*=/, 'rclone'],
  [/^[^\n]*\bsalt\b[^\n]*\b(?:secret|token)\b/i, 'scheme1'],
  [/^\s*\[\s*\{[^}]*"salt"\s*:/, 'scheme1'],
  [/^\s*Host\s+\S/im, 'openssh'],
  [
    /^[^\n]*\b(?:host|hostname|url|password|login)\b[^\n]*[,;\t]|[,;\t][^\n]*\b(?:host|url|password)\b/i,
    'csv',
  ],
]
const HEAD = 4096

/** What a file most likely is, by its content and then its name; null when nothing says so. Only a suggestion: readers check. */
export function detectFormat(fileName: string, bytes: Uint8Array): ImportFormat | null {
  const name = fileName.toLowerCase()
  const ending = endings[name.split('.').at(-1) ?? '']
  if (bytes[0] === 0x03 && bytes[1] === 0xd9) return 'kdbx'
  const head = new TextDecoder().decode(bytes.subarray(0, HEAD))
  const found = marks.find(([mark]) => mark.test(head))?.[1]
  return ending ?? (Object.hasOwn(names, name) ? names[name] : undefined) ?? found ?? null
}
