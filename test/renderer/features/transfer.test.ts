import { afterEach, describe, expect, it } from 'vitest'
import { fakeId } from '../../../renderer/api/fake/fake-data.ts'
import { exportName } from '../../../renderer/features/transfer/export-name.ts'
import { openPage, settle, type Page } from '../page.ts'

let page: Page | null = null

afterEach(() => {
  page?.close()
  page = null
})

const made = (opened: Page, name: string): unknown[] =>
  opened.calls.filter((call) => call.name === name).map(({ input }) => input)
const boxes = (): HTMLInputElement[] => [
  ...document.querySelectorAll<HTMLInputElement>('[role="listitem"] input'),
]

async function openPreview(): Promise<Page> {
  const opened = await openPage('/import', 'filled')
  await opened.click('Choose file…')
  await opened.type('Password of this file', 'file password')
  await opened.submit()
  await settle()
  return opened
}

describe('the import', () => {
  it('asks for the password of the file before it reads anything', async () => {
    page = await openPage('/import', 'filled')
    await page.click('Choose file…')
    await page.submit()
    expect(page.text()).toContain('Enter the password of the file.')
    expect(made(page, 'imports.open')).toEqual([])
  })

  it('says when the password is wrong and keeps the form', async () => {
    page = await openPage('/import', 'filled')
    await page.click('Choose file…')
    await page.type('Password of this file', 'wrong')
    await page.submit()
    expect(document.querySelector('[role="alert"]')?.textContent).toContain('wrong')
    expect(page.field('Password of this file').value).toBe('wrong')
  })

  it('asks before a slow derivation, and goes on with the same password', async () => {
    page = await openPage('/import', 'filled')
    await page.click('Choose file…')
    await page.type('Password of this file', 'slow')
    await page.submit()
    expect(page.text()).toContain('Opening this file takes about 9 seconds.')
    await page.click('Open it anyway')
    await settle()
    expect(made(page, 'imports.open').at(-1)).toMatchObject({ allowSlowKdf: true })
    expect(page.text()).toContain('45 of 46 selected')
  })

  it('ticks what is new, not duplicates, and cannot tick what has a problem', async () => {
    page = await openPreview()
    expect(
      boxes()
        .slice(0, 9)
        .map(({ checked, disabled }) => [checked, disabled]),
    ).toEqual([
      [true, false],
      [true, false],
      [false, false],
      [true, false],
      [true, false],
      [true, false],
      [false, true],
      [false, true],
      [false, true],
    ])
    expect(page.text()).toContain('Same server and user as Attic NAS')
  })

  it('takes exactly what is ticked, and says how many', async () => {
    page = await openPreview()
    await page.click('Select none')
    expect(page.button('Nothing selected').matches(':disabled')).toBe(true)
    boxes()[2]?.click()
    boxes()[0]?.click()
    await settle()
    await page.click('Import 2 sign-ins')
    await settle()
    expect(made(page, 'imports.take')).toEqual([
      { import: '00000000000000000000000000000001', numbers: [3, 1] },
    ])
    expect(page.text()).toContain('2 sign-ins added.')
    expect(page.router.currentRoute.value.path).toBe('/servers')
  })

  it('shows only what is left out when asked, and puts the import away when the screen is left', async () => {
    page = await openPreview()
    const before = made(page, 'imports.close').length
    document.querySelector<HTMLInputElement>('input[type="radio"][value="left"]')?.click()
    await settle()
    expect(boxes()).toHaveLength(3)
    await page.router.push('/jobs')
    await settle()
    expect(made(page, 'imports.close').length).toBe(before + 1)
  })
})

describe('the export', () => {
  const openDialog = async (): Promise<Page> => {
    const opened = await openPage('/settings', 'filled')
    await opened.click('Export…')
    return opened
  }

  it('writes the vault without asking for anything', async () => {
    page = await openDialog()
    await page.submit()
    await settle()
    expect(made(page, 'exports.plain')).toEqual([])
    expect(made(page, 'exports.vault').length).toBeGreaterThan(0)
    expect(page.text()).toContain('The copy of the vault is written.')
  })

  it('warns and wants the master password before anything is written in clear', async () => {
    page = await openDialog()
    document.querySelector<HTMLInputElement>('input[value="csv"]')?.click()
    await settle()
    expect(page.text()).toContain('Every password will be readable in this file')
    await page.submit()
    expect(page.text()).toContain('Enter your master password.')
    expect(made(page, 'dialogs.pickExportFile')).toEqual([])
    await page.type('Master password', 'wrong')
    await page.submit()
    await settle()
    expect(page.text()).toContain('The password is wrong.')
    // The place was chosen; only what was mistyped is asked for again.
    expect(page.text()).toContain('/home/mira/fernsync-export.csv')
    await page.type('Master password', 'correct horse battery')
    await page.submit()
    await settle()
    expect(page.text()).toContain('written in clear')
    expect(made(page, 'dialogs.pickExportFile')).toHaveLength(1)
  })

  it('asks for another place when it could not be written there', async () => {
    page = await openPage('/settings', 'filled', (api) => ({
      ...api,
      call: {
        ...api.call,
        'exports.vault': () =>
          Promise.resolve({
            ok: false,
            error: { code: 'no-space', message: 'Full.', help: null, details: {} },
          }),
      },
    }))
    await page.click('Export…')
    await page.submit()
    expect(page.text()).toContain('Full.')
    expect(page.button('Choose where to save…')).toBeDefined()
    await page.submit()
    expect(made(page, 'dialogs.pickExportFile')).toHaveLength(2)
  })

  it('asks for the key file where the vault needs one', async () => {
    page = await openPage('/settings', 'filled-key-file')
    await page.click('Export…')
    document.querySelector<HTMLInputElement>('input[value="json"]')?.click()
    await settle()
    await page.type('Master password', 'correct horse battery')
    await page.submit()
    expect(page.text()).toContain('Choose the key file, too.')
    expect(made(page, 'exports.plain')).toEqual([])
    await page.click('Key file: Choose file…')
    await page.submit()
    expect(made(page, 'exports.plain')).toMatchObject([
      { format: 'json', proof: { keyFile: '00112233445566778899aabbccddeeff' } },
    ])
    expect(page.text()).toContain('written in clear')
  })
})

describe('the export of one sign-in', () => {
  const server = '/servers/' + fakeId('c', 1)

  async function openDialog(scenario: 'filled' | 'filled-key-file' = 'filled'): Promise<Page> {
    const opened = await openPage(server, scenario)
    await opened.pick('More actions', 'Export…')
    return opened
  }

  async function fill(opened: Page, own: string, again = own): Promise<void> {
    await opened.type('Password of the file', own)
    await opened.type('Type it again', again)
  }

  it('asks for a password of the file twice, and for the master password, before it asks where to', async () => {
    page = await openDialog()
    expect(document.activeElement).toBe(page.field('Master password'))
    await page.submit()
    expect(page.text()).toContain('Enter your master password.')
    await page.type('Master password', 'wrong')
    await fill(page, 'short')
    await page.submit()
    expect(page.text()).toContain('Use at least 12 characters.')
    await fill(page, 'password of the file', 'password of a file')
    await page.submit()
    expect(page.text()).toContain('The two passwords differ.')
    await fill(page, 'password of the file')
    expect(made(page, 'dialogs.pickExportFile')).toEqual([])

    await page.submit()
    expect(page.text()).toContain('The password is wrong.')
    expect(document.activeElement).toBe(page.field('Master password'))
    await page.type('Master password', 'correct horse battery')
    await page.click('Save')
    const text = (value: unknown) => new TextDecoder().decode(value as Uint8Array)
    const [, asked] = made(page, 'exports.credential') as { id: string; password: unknown; proof: object }[]
    expect([asked?.id, text(asked?.password)]).toEqual([fakeId('c', 1), 'password of the file'])
    expect(made(page, 'dialogs.pickExportFile')).toMatchObject([{ name: 'fernsync-home-nas.json' }])
    expect(document.querySelector('[role="dialog"]')).toBeNull()
    expect(page.text()).toContain('Home NAS was written, encrypted with its own password.')
  })

  it('asks for the key file where the vault needs one', async () => {
    page = await openDialog('filled-key-file')
    await fill(page, 'password of the file')
    await page.type('Master password', 'correct horse battery')
    await page.submit()
    expect(page.text()).toContain('Choose the key file, too.')
    await page.click('Key file: Choose file…')
    await page.submit()
    expect(made(page, 'exports.credential')).toMatchObject([
      { proof: { keyFile: '00112233445566778899aabbccddeeff' } },
    ])
  })

  it('writes nothing when the dialog of the system is closed, and keeps what was typed', async () => {
    page = await openPage(server, 'filled', (api) => ({
      ...api,
      call: { ...api.call, 'dialogs.pickExportFile': () => Promise.resolve({ ok: true, value: null }) },
    }))
    await page.pick('More actions', 'Export…')
    await fill(page, 'password of the file')
    await page.type('Master password', 'correct horse battery')
    await page.submit()
    expect(made(page, 'exports.credential')).toEqual([])
    expect(page.field('Type it again').value).toBe('password of the file')
  })

  it.for([
    ['Attic NAS', 'fernsync-attic-nas.json'],
    ['Größe/../x', 'fernsync-gro-e-x.json'],
    ['サーバー', 'fernsync-sign-in.json'],
    ['a'.repeat(100), `fernsync-${'a'.repeat(40)}.json`],
  ] as const)('is called for %s %s', ([name, file]) => {
    expect(exportName(name)).toBe(file)
  })
})
