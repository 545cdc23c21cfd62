/** Where a server is, as one line: `mira@nas.local`, with the port only when it is not the usual one. */
export function hostAddress(fields: Readonly<Record<string, string>>): string {
  const user = fields.user ?? ''
  const port = fields.port === undefined || fields.port === '22' ? '' : `:${fields.port}`
  return `${user === '' ? '' : `${user}@`}${fields.host ?? ''}${port}`
}
