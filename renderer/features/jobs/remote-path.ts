/** Steps of a server path for breadcrumbs. A path that starts with `/` begins at the top, any other in the login folder. */
export function crumbsOf(path: string): { name: string; path: string }[] {
  const root = path.startsWith('/') ? '/' : ''
  const names = path.split('/').filter((part) => part !== '')
  return names.map((name, index) => ({ name, path: `${root}${names.slice(0, index + 1).join('/')}` }))
}

/** A folder or file in `path`. */
export function childPath(path: string, name: string): string {
  return path === '' || path.endsWith('/') ? `${path}${name}` : `${path}/${name}`
}

/** Whether a name can be one folder: not empty, no separator, not a dot step. */
export function isFolderName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name)
}
