/** The error of loadURL(), as Electron words it. */
export function loadError(netError: string, url: string): Error & { errno: number; code: string } {
  const code = netError.replace(/^net::/, '')
  const errno = code === 'ERR_ABORTED' ? -3 : -2
  return Object.assign(new Error(`${code} (${errno}) loading '${url}'`), { errno, code, url })
}
