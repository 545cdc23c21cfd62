// What the e2e fixture promises to every other test.
import { createProblems, expect, test, type RunningApp } from './fixture.ts'
import { appDir } from './standin-app.ts'

test.describe('the fixture itself', () => {
  const provoke = async (started: RunningApp): Promise<void> => {
    const page = await started.windowFor('Fixture main')
    await page.evaluate(() => {
      const style = document.createElement('style')
      style.textContent = 'body { color: red }'
      document.head.append(style)
    })
  }

  test('fails a test for a policy violation that it did not declare', async ({ launch }) => {
    test.fail()
    await provoke(await launch({ appDir }))
  })

  test('records policy and Trusted Types violations, page errors and console errors', async ({
    launch,
    problems,
    expectProblem,
  }) => {
    const started = await launch({ appDir })
    await provoke(started)
    const page = await started.windowFor('Fixture main')
    await page.evaluate(() => {
      setTimeout(() => (document.body.innerHTML = '<b>x</b>'))
      setTimeout(() => console.error('said by the page'))
    })
    await started.app.evaluate(() => void setTimeout(() => void Promise.reject(new Error('lost in main'))))
    await started.app.evaluate(() => {
      setTimeout(() => {
        throw new Error('thrown in main')
      })
    })
    const declared = [
      /^\[csp\] style-src-elem blocked inline/,
      /^\[csp\] require-trusted-types-for blocked trusted-types-sink/,
      /TrustedHTML/,
      /said by the page/,
      /UnhandledPromiseRejection/,
      /Uncaught Exception/,
    ]
    for (const pattern of declared) {
      await expect
        .poll(() => problems.list.some(({ text }) => pattern.test(text)), { message: String(pattern) })
        .toBe(true)
    }
    expect(problems.verdict()).toContain('undeclared problem')
    for (const pattern of [...declared, /style-src|Content Security Policy/, /thrown in main/])
      expectProblem(pattern)
  })

  test('wants a declared problem to occur', () => {
    const problems = createProblems()
    problems.expect(/never/)
    expect(problems.verdict()).toBe('declared with expectProblem() but did not occur: /never/')
    problems.add('page', 'it never came')
    expect(problems.verdict()).toBeNull()
  })
})
