const LONGEST = 40

/** A file name for the export of one sign-in: letters every file system takes, and it never begins with a dot. */
export function exportName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(0, LONGEST)
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
  return `fernsync-${plain === '' ? 'sign-in' : plain}.json`
}
