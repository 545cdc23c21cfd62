import ignore from 'ignore'

/** Tells whether a path is out of the job's scope on both sides: never copied, never replaced, never deleted. */
export type Filter = (path: string, isFolder: boolean) => boolean

/**
 * A filter of gitignore rules in order: `!` takes back, a trailing `/` means folders only, what lies in a filtered folder is
 * filtered. Paths are compared in NFC; letter case counts unless one side ignores it.
 */
export function createFilter(rules: readonly string[], foldCase: boolean): Filter {
  if (rules.length === 0) return () => false
  const rulebook = ignore({ ignorecase: foldCase, allowRelativePaths: true })
  for (const rule of rules) rulebook.add(rule.normalize('NFC'))
  return (path, isFolder) => rulebook.ignores(isFolder ? `${path.normalize('NFC')}/` : path.normalize('NFC'))
}
