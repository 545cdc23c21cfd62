const GROUP = 4
const GROUPS = 9

/** How a recovery key is shown while it is typed: upper case, a hyphen after each four characters, no more than nine groups. */
export function groupedKey(typed: string): string {
  const plain = typed
    .replace(/[\s-]/g, '')
    .toUpperCase()
    .slice(0, GROUP * GROUPS)
  return plain.match(/.{1,4}/g)?.join('-') ?? ''
}

/** Groups that are complete. */
export function fullGroups(typed: string): number {
  return Math.floor(typed.replace(/[\s-]/g, '').length / GROUP)
}
