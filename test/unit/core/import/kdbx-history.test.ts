import { expect, it } from 'vitest'
import { fromUtf8 } from '../../../../main/core/crypto/bytes.ts'
import { createImportBudget } from '../../../../main/core/import/import-budget.ts'
import { readImport } from '../../../../main/core/import/read-import.ts'
import { kdbxPassword, protectAll, writeKdbx } from '../../../helpers/kdbx-writer.ts'
import { context, opener } from './kit.ts'

const ENTRIES = 2_500
/** What KeePass and KeePassXC keep unless told otherwise. */
const VERSIONS = 10

const text = (key: string, value: string): string =>
  `<String><Key>${key}</Key><Value>${value}</Value></String>`
const hidden = (key: string, sealed: string | undefined): string =>
  `<String><Key>${key}</Key><Value Protected="True">${sealed ?? ''}</Value></String>`

it('reads a database that was used for years, whose older versions outnumber its entries', async () => {
  const passwords = Array.from({ length: ENTRIES * (VERSIONS + 1) }, (_, at) => `password ${at}`)
  const sealed = protectAll(passwords)
  let next = 0
  const entry = (at: number, inner: string): string => {
    const own = sealed[next]
    next += 1
    const strings = `${text('Notes', '')}${hidden('Password', own)}${text('Title', `n${at}`)}${text('URL', 'sftp://h')}${text('UserName', 'u')}`
    return `<Entry><UUID>${at}</UUID><Tags/>${strings}${inner === '' ? history(at) : ''}</Entry>`
  }
  const history = (at: number): string =>
    `<History>${Array.from({ length: VERSIONS }, () => entry(at, ' ')).join('')}</History>`
  const entries = Array.from({ length: ENTRIES }, (_, at) => entry(at, '')).join('')
  const file = writeKdbx({ xml: `<KeePassFile><Root><Group>${entries}</Group></Root></KeePassFile>` })

  const given = { ...context({ password: kdbxPassword }), budget: createImportBudget(() => 0) }
  const items = await readImport('kdbx', file, given, opener())
  expect(items.length).toBe(ENTRIES)
  const last = items.at(-1)
  const password = last?.secrets['password']
  expect(password === undefined ? null : fromUtf8(password)).toBe(passwords[(ENTRIES - 1) * (VERSIONS + 1)])
  expect(last?.notes).toEqual(['history-left-out'])
})
