// axe's default rules on a page as it is now, in light and in dark.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, type Page } from '@playwright/test'
import type { RunningApp } from './fixture.ts'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

type AxeGlobals = {
  readonly axe: {
    run(): Promise<{
      violations: { id: string; help: string; nodes: { target: unknown[]; html: string }[] }[]
    }>
  }
}

export type AxeLog = {
  /** Waits until nothing loads or moves, then judges the page in both themes. */
  look(page: Page, name: string): Promise<void>
  /** Everything looked at so far. */
  readonly names: readonly string[]
  /** One line per violation: what, where, on which screen, in which theme. */
  readonly violations: readonly string[]
}

export function createAxeLog(started: RunningApp): AxeLog {
  const names: string[] = []
  const violations: string[] = []
  const themes = ['light', 'dark'] as const
  return {
    names,
    violations,
    async look(page, name) {
      await expect(page.locator('h1')).not.toHaveCount(0)
      await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0)
      // The next screen begins with the theme of this one: half as many changes.
      for (const theme of names.length % 2 === 0 ? themes : [...themes].reverse()) {
        await started.app.evaluate(({ nativeTheme }, value) => void (nativeTheme.themeSource = value), theme)
        await expect.poll(() => isDark(page)).toBe(theme === 'dark')
        for (const found of await run(page)) violations.push(`${name}, ${theme}: ${found}`)
      }
      names.push(name)
    },
  }
}

const isDark = (page: Page): Promise<boolean> =>
  page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)

async function run(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(source)
  return page.evaluate(async () => {
    // A colour in the middle of its transition is nobody's; what never ends, such as a spinner, stays.
    for (const animation of document.getAnimations()) {
      if (animation.effect?.getComputedTiming().endTime !== Infinity) animation.finish()
    }
    const { axe } = globalThis as unknown as AxeGlobals // reason: put there by the line above
    const { violations } = await axe.run()
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id} (${help}) at ${node.target.join(' ')}: ${node.html.slice(0, 200)}`),
    )
  })
}
