import { afterEach, describe, expect, it } from 'vitest'
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
    await page.type('Master password', 'correct horse battery')
    await page.submit()
    await settle()
    expect(page.text()).toContain('written in clear')
  })
})
