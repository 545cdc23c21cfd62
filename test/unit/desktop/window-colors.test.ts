import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { windowColors } from '../../../main/desktop/window-colors.ts'

describe('windowColors', () => {
  it('are the background of the page, so that an empty window does not flash', () => {
    const tokens = readFileSync(new URL('../../../renderer/styles/tokens.css', import.meta.url), 'utf8')
    expect(/--canvas: (.*);/.exec(tokens)?.[1]).toBe(
      `light-dark(${windowColors.light}, ${windowColors.dark})`,
    )
  })
})
