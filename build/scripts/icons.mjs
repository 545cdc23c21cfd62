/**
 * Renders the PNGs of build/icons from the SVGs beside them, with Chromium: `node build/scripts/icons.mjs`.
 * The PNGs are committed, so only who changes a drawing runs this. Needs Debian's chromium.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { debianPackages } from './debian-packages.mjs'

const folder = path.resolve(import.meta.dirname, '..', 'icons')

/** electron-builder reads the sizes of Linux from names like 48x48.png. */
const APP_SIZES = [16, 24, 32, 48, 64, 128, 256, 512]

/** Up to this size the mark has fewer and heavier strokes. */
const SMALL_UP_TO = 32

const TRAY_STATES = ['idle', 'running', 'attention', 'locked']

/** 16: Windows, macOS; 22: most Linux panels; 32: large panels. */
const TRAY_SIZES = [16, 22, 32]

/** Named after the panel that the drawing is for. Black, so that macOS can use the light one as a template. */
const TRAY_COLORS = { light: '#000000', dark: '#ffffff' }

/** @typedef {{ file: string, svg: string, pixels: number }} Picture */

/** @returns {Picture[]} */
function pictures() {
  const read = (/** @type {string} */ name) => readFileSync(path.join(folder, `${name}.svg`), 'utf8')
  const app = APP_SIZES.map((pixels) => ({
    file: `${pixels}x${pixels}.png`,
    svg: read(pixels <= SMALL_UP_TO ? 'fernsync-small' : 'fernsync'),
    pixels,
  }))
  const tray = TRAY_STATES.flatMap((state) =>
    Object.entries(TRAY_COLORS).flatMap(([panel, color]) =>
      TRAY_SIZES.flatMap((size) =>
        [1, 2].map((scale) => ({
          file: `tray-${state}-${panel}-${size}${scale === 2 ? '@2x' : ''}.png`,
          svg: read(`tray-${state}`).replaceAll('currentColor', color),
          pixels: size * scale,
        })),
      ),
    ),
  )
  return [...app, ...tray]
}

const browser = await chromium.launch({
  executablePath: debianPackages.chromium?.probe[0],
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
const page = await browser.newPage()
try {
  for (const { file, svg, pixels } of pictures()) {
    await page.setViewportSize({ width: pixels, height: pixels })
    const source = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
    await page.setContent(
      `<style>*{margin:0}img{display:block}</style><img src="${source}" width="${pixels}">`,
    )
    writeFileSync(path.join(folder, file), await page.screenshot({ omitBackground: true }))
  }
} finally {
  await browser.close()
}
