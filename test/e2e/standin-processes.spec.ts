// What the stand-in promises, shown on a small app of its own (test/standin/fixture-app).
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createHome, expect, spawnApp, test } from './fixture.ts'
import { appDir, exitOf, log, processesOf, textOf } from './standin-app.ts'

test.describe('processes', () => {
  test('a utility process has the given arguments and environment, and no inherited descriptor', async ({
    launch,
    mode,
  }) => {
    const started = await launch({ appDir })
    await started.windowFor('Fixture main')
    const report = await started.app.evaluate(() =>
      globalThis.fixture.fork(['--job', 'a b'], {
        env: { ONLY: 'this' },
        stdio: 'pipe',
        serviceName: 'worker',
      }),
    )
    expect(report).toMatchObject({ type: 'utility', argv: ['--job', 'a b'], env: { ONLY: 'this' } })
    if (mode === 'standin') {
      expect(report.execArgv).toEqual([])
      expect(Object.keys(report.env)).toEqual(['ONLY'])
      expect(readFileSync(`/proc/${report.pid}/environ`, 'utf8')).toBe('ONLY=this\0')
      const outer = report.files.filter((file) => !/anon_inode|\/dev\/null|^[123] (socket|pipe):/.test(file))
      expect(outer.filter((file) => !/ (pipe|socket):/.test(file))).toEqual([])
      expect(report.files.filter((file) => / socket:/.test(file))).toHaveLength(3)
    }
    const metrics = await started.app.evaluate(({ app }) =>
      app.getAppMetrics().map(({ pid, type }) => ({ pid, type })),
    )
    expect(metrics).toContainEqual({ pid: report.pid, type: 'Utility' })

    const echoed = await started.app.evaluate(
      () =>
        new Promise((resolve) => {
          const child = globalThis.fixture.child as unknown as NodeJS.EventEmitter &
            typeof globalThis.fixture.child
          child.once('message', (value: Map<string, Uint8Array>) => resolve([...(value.get('k') ?? [])]))
          child.postMessage(new Map([['k', new Uint8Array([1, 2, 3])]]))
        }),
    )
    expect(echoed).toEqual([1, 2, 3])
    expect(await started.app.evaluate(() => globalThis.fixture.child.kill())).toBe(true)
    await expect.poll(() => log(started)).toContain('worker exit 15')
    expect(await started.app.evaluate(() => globalThis.fixture.child.pid ?? null)).toBeNull()
  })

  test('a second start hands its command line to the first and ends', async ({ launch, home }) => {
    const started = await launch({ appDir })
    await started.windowFor('Fixture main')
    const second = spawnApp(home, { appDir, args: ['--show'] })
    const output = textOf(second)
    expect(await exitOf(second)).toEqual({ code: 0, signal: null })
    expect(output()).toContain('second instance')
    await expect
      .poll(() => log(started))
      .toContainEqual(expect.stringMatching(/^second-instance --show \/.* \{"from":"fixture"\}$/))

    const other = createHome()
    const elsewhere = await launch({ appDir, home: other })
    expect(await elsewhere.app.evaluate(({ app }) => app.hasSingleInstanceLock())).toBe(true)
    await elsewhere.close()
    rmSync(other.root, { recursive: true, force: true })
  })

  test('quit runs before-quit and will-quit once, without window-all-closed, and leaves nothing', async ({
    launch,
    home,
    mode,
  }) => {
    const started = await launch({ appDir })
    await started.windowFor('Fixture main')
    expect(await started.close()).toBe(0)
    expect(started.stdout().match(/will-quit/g)).toHaveLength(1)
    expect(started.stdout()).not.toContain('window-all-closed')
    expect(processesOf(home.root)).toEqual([])
    expect(readdirSync(home.temp).filter((name) => name.startsWith('standin-'))).toEqual([])
    expect(readdirSync(home.user)).toEqual([])
    if (mode === 'standin') expect(existsSync(home.data)).toBe(false) // its userData: only the app writes there
  })

  test('the app starts again in the same home', async ({ launch }) => {
    for (const round of [1, 2]) {
      const started = await launch({ appDir, env: { ROUND: String(round) } })
      await started.windowFor('heading')
      expect(await started.close()).toBe(0)
    }
  })

  test('app.exit ends it at once with the given code, without will-quit', async ({ launch }) => {
    const started = await launch({ appDir })
    await started.windowFor('Fixture main')
    const exited = exitOf(started.app.process())
    await started.app.evaluate(({ app }) => void setImmediate(() => app.exit(3)))
    expect(await exited).toEqual({ code: 3, signal: null })
    expect(started.stdout()).not.toContain('will-quit')
    expect(started.stdout()).not.toContain('window-all-closed')
  })

  test('SIGTERM quits it cleanly', async ({ launch, home }) => {
    const started = await launch({ appDir })
    await started.windowFor('Fixture main')
    const exited = exitOf(started.app.process())
    process.kill(started.pid, 'SIGTERM')
    expect(await exited).toEqual({ code: 0, signal: null })
    expect(started.stdout()).toContain('will-quit')
    await expect.poll(() => processesOf(home.root)).toEqual([])
  })

  test('SIGKILL leaves no Chromium, no utility process and no profile', async ({ launch, home }) => {
    const started = await launch({ appDir })
    await started.windowFor('Fixture main')
    const { pid } = await started.app.evaluate(() =>
      globalThis.fixture.fork([], { env: {}, stdio: 'ignore' }),
    )
    expect(processesOf(home.root).length).toBeGreaterThan(3)
    const exited = exitOf(started.app.process())
    process.kill(started.pid, 'SIGKILL')
    await exited
    await expect.poll(() => processesOf(home.root)).toEqual([])
    await expect.poll(() => readdirSync('/proc').includes(String(pid))).toBe(false)
    await expect.poll(() => readdirSync(home.temp).filter((name) => name.startsWith('standin-'))).toEqual([])
  })
})
