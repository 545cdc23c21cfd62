// Making and requiring what opens a vault, through what is on the screen.
import type { Page } from '@playwright/test'
import { expect, type RunningApp } from './fixture.ts'
import * as person from './person.ts'

/** What the system's dialog for a new file is answered, from then on. */
export async function answerSaveDialog(started: RunningApp, filePath: string): Promise<void> {
  await started.app.evaluate(({ dialog }, chosen) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: chosen })
  }, filePath)
}

/** The nine groups on the screen. */
async function shownGroups(page: Page): Promise<string[]> {
  const cells = page.getByRole('list', { name: 'Recovery key, nine groups of four' }).locator('code')
  await expect(cells).toHaveCount(9)
  await expect(cells.first()).toHaveText(/^[0-9A-HJKMNP-TV-Z]{4}$/)
  return cells.allTextContents()
}

/** Types back the two groups that are asked for, and what `more` fills in; answers the key. */
export async function writeDown(
  page: Page,
  more: () => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const groups = await shownGroups(page)
  await page.getByRole('button', { name: 'I have written it down' }).click()
  const asked = page.getByLabel(/^Group \d$/)
  await expect(asked).toHaveCount(2)
  for (const field of await asked.all()) {
    const label = await field.evaluate((input) => (input as HTMLInputElement).labels?.[0]?.textContent ?? '')
    await field.fill((groups[Number(/\d/.exec(label)?.[0]) - 1] ?? '').toLowerCase())
  }
  await more()
  await page.getByRole('button', { name: 'Turn it on' }).click()
  return groups.join('-')
}

/** Makes one in the settings and writes it down; answers it. */
export async function makeRecoveryKey(page: Page, password: string): Promise<string> {
  await person.goTo(page, '/settings')
  await page.getByRole('button', { name: 'Make…' }).click()
  const key = await writeDown(page, () => page.getByLabel('Master password').fill(password))
  await expect(page.getByRole('button', { name: 'Replace…' })).toBeVisible()
  return key
}

/** Makes a key file where the system's dialog says, and has the password need it. */
export async function requireKeyFile(
  started: RunningApp,
  page: Page,
  { file, password }: { file: string; password: string },
): Promise<void> {
  await person.goTo(page, '/settings')
  await page.getByRole('button', { name: 'Require…' }).click()
  await answerSaveDialog(started, file)
  await page.getByRole('button', { name: 'Create a key file…' }).click()
  await expect(page.getByText(file)).toBeVisible()
  await page.getByLabel('Master password').fill(password)
  await page.getByRole('button', { name: 'Require it' }).click()
  await expect(page.getByRole('button', { name: 'Stop requiring…' })).toBeVisible()
}
