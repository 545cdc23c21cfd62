import { describe, expect, it } from 'vitest'
import { brokenPlace, defects } from './broken-remotes.ts'
import { remoteCases } from './cases/index.ts'
import { knownFailures } from './known-failures.ts'
import { runCase } from './suite.ts'

describe('the conformance suite', () => {
  for (const defect of defects) {
    it(`catches ${defect.name}`, async () => {
      const caught: string[] = []
      for (const testCase of remoteCases) {
        await runCase(testCase, () => brokenPlace(defect)).catch(() => caught.push(testCase.name))
      }
      expect(caught).toContain(defect.caughtBy)
    })
  }

  it('names every case once', () => {
    const names = remoteCases.map(({ name }) => name)
    expect(names).toEqual([...new Set(names)])
  })

  it('has a case for every known failure, with a reason and the day it was seen', () => {
    const names = remoteCases.map(({ name }) => name)
    for (const failure of knownFailures) {
      expect(names).toContain(failure.case)
      expect(failure.reason).not.toBe('')
      expect(failure.since).toMatch(/^\d{4}-\d{2}-\d{2}$/)
    }
  })
})
