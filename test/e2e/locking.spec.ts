// When the app locks by itself, and what happens to jobs while it is locked.
import path from 'node:path'
import { joinBus, startBus } from '../helpers/dbus-peer.ts'
import { makeTree } from '../helpers/tree.ts'
import { startOpenSsh } from '../servers/openssh.ts'
import { isAlive, processTree, programOf } from '../servers/processes.ts'
import { expect, test } from './fixture.ts'
import * as person from './person.ts'
import { addJob, addServer } from './setup.ts'

const password = 'nine lanterns over the quiet harbour'
const minute = 60_000

test('it locks when the machine sleeps, shuts down, locks its screen, is left alone, or its clock jumps', async ({
  launch,
  mode,
}) => {
  test.setTimeout(90_000)
  test.skip(mode === 'real', 'steers idle time and the state of the session')
  const started = await launch()
  let page = await person.createVault(started, password)
  const causes = [
    ...(['suspend', 'lock-screen', 'shutdown'] as const).map((event) => ({
      name: event,
      bring: () => started.app.evaluate(({ powerMonitor }, which) => void powerMonitor.emit(which), event),
    })),
    {
      name: 'a locked session that sends no event',
      bring: () => started.app.evaluate(() => void (globalThis.__standin.power.idleState = 'locked')),
    },
    {
      name: 'idle',
      bring: () => started.app.evaluate(() => void (globalThis.__standin.power.idleSeconds = 300)),
    },
    { name: 'a clock jump', bring: () => person.jumpClock(started, 20 * minute) },
  ]
  for (const { name, bring } of causes) {
    await test.step(name, async () => {
      const [vaultProcess = 0] = await person.childPids(started, 'vault-process')
      expect(isAlive(vaultProcess)).toBe(true)
      const gone = page.waitForEvent('close', { timeout: 10_000 })
      await bring()
      await gone
      await person.unlockWindow(started)
      expect(isAlive(vaultProcess)).toBe(false)
      await started.app.evaluate(() => {
        Object.assign(globalThis.__standin.power, { idleState: 'active', idleSeconds: 0 })
      })
      page = await person.unlock(started, password)
    })
  }
})

test('it locks when its window has been closed for 5 minutes or 12 hours have passed, and not before', async ({
  launch,
  mode,
}) => {
  test.setTimeout(90_000)
  test.skip(mode === 'real', 'closes the window from outside')
  const started = await launch()
  let page = await person.createVault(started, password)
  const closeWindow = async (): Promise<void> => {
    const gone = page.waitForEvent('close')
    await started.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await gone
  }
  const vaultProcess = async (): Promise<number[]> => person.childPids(started, 'vault-process')
  /** Lets a poll pass: a vault that is still open after it was not to be locked. */
  const stillOpen = async (): Promise<void> => {
    const [pid = 0] = await vaultProcess()
    await started.app.evaluate(() => new Promise((resolve) => setTimeout(resolve, 6_000)))
    expect(await vaultProcess()).toEqual([pid])
    expect(isAlive(pid)).toBe(true)
  }
  // So that the test's own way of letting time pass is no reason to lock.
  expect(await person.codeOf(page, 'settings.set', { lockOnSuspend: false })).toBeNull()

  await test.step('closed for 4 minutes and opened again', async () => {
    await closeWindow()
    await person.jumpClock(started, 4 * minute)
    await person.clickTray(started, 'open')
    page = await person.mainWindow(started)
    await person.jumpClock(started, 4 * minute)
    await stillOpen()
  })

  await test.step('closed for 5 minutes', async () => {
    const [pid = 0] = await vaultProcess()
    await closeWindow()
    await person.jumpClock(started, 5 * minute)
    await expect.poll(vaultProcess, { timeout: 10_000 }).toEqual([])
    expect(isAlive(pid)).toBe(false)
    await person.clickTray(started, 'open')
    page = await person.unlock(started, password)
  })

  await test.step('12 hours after the unlock, with the window open', async () => {
    const gone = page.waitForEvent('close', { timeout: 10_000 })
    await person.jumpClock(started, 12 * 60 * minute)
    await gone
    await person.unlockWindow(started)
    expect(await vaultProcess()).toEqual([])
  })
})

test('it locks when the session of a Linux desktop says that it is locked', async ({
  launch,
  home,
  mode,
}) => {
  test.skip(mode === 'real', 'gives the app a bus of its own')
  const LOGIND = 'org.freedesktop.login1'
  const session = '/org/freedesktop/login1/session/_32'
  const bus = await startBus(home.temp)
  const logind = await joinBus(bus.address, [LOGIND], {
    GetSession: () => [{ type: 'o', value: session }],
    GetAll: () => [{ type: 'a{sv}', value: { LockedHint: false, Active: true } }],
  })
  const started = await launch({ env: { DBUS_SYSTEM_BUS_ADDRESS: bus.address } })
  const page = await person.createVault(started, password)
  const [vaultProcess = 0] = await person.childPids(started, 'vault-process')
  const monitors = (): number[] => processTree(started.pid).filter((pid) => programOf(pid) === 'gdbus')
  await expect.poll(() => logind.asked).toEqual(['GetSession', 'GetAll'])
  await expect.poll(monitors).toHaveLength(1)
  const gone = page.waitForEvent('close')
  logind.emit(session, `${LOGIND}.Session`, 'Lock')
  await gone
  await person.unlockWindow(started)
  expect(isAlive(vaultProcess)).toBe(false)
  await expect.poll(monitors).toEqual([])
  await bus.stop()
})

test('a job that waits for unlock says so once, and runs once after it', async ({ launch, home, mode }) => {
  test.skip(mode === 'real', 'reads notifications')
  const server = await startOpenSsh()
  const started = await launch()
  let page = await person.createVault(started, password)
  const local = path.join(home.user, 'files')
  makeTree(local, { 'a.txt': 'a' })
  const credential = await addServer(page, server, { name: 'Attic' })
  await addJob(started, page, { name: 'Files', credential, local, schedule: 'every:15m', whenLocked: 'wait' })
  page = await person.lock(started, page)
  for (let quarter = 0; quarter < 3; quarter++) await person.advanceClock(started, 15 * minute + 6_000)
  await expect
    .poll(async () => (await person.trayOf(started)).status)
    .toMatch(/^Files: Waiting for unlock since [0-9:]+$/)
  const { status } = await person.trayOf(started)
  const told = await person.notificationsOf(started)
  expect(told).toEqual([{ title: 'Files', body: `${status.replace('Files: ', '')}. Unlock it.` }])
  expect(await person.history(page)).toEqual([])

  page = await person.unlock(started, password)
  await expect.poll(async () => (await person.history(page))[0]?.state, { timeout: 20_000 }).toBe('done')
  await expect.poll(async () => (await person.trayOf(started)).status).toBe('Everything is up to date')
  expect(await person.history(page)).toMatchObject([{ trigger: 'unlock' }])
  expect(await person.notificationsOf(started)).toHaveLength(1)
  await server.stop()
})

test('"Lock and stop jobs" ends running jobs and what would let others run', async ({
  launch,
  home,
  mode,
}) => {
  test.skip(mode === 'real', 'uses the tray: REAL.md, row "native menus, tray, notifications"')
  const server = await startOpenSsh()
  const started = await launch()
  let page = await person.createVault(started, password)
  const local = path.join(home.user, 'files')
  makeTree(local, { 'a.txt': 'a' })
  const credential = await addServer(page, server, { name: 'Attic' })
  const id = await addJob(started, page, { name: 'Files', credential, local, schedule: 'every:15m' })
  server.signal('SIGSTOP')
  expect(await person.codeOf(page, 'jobs.run', { id, approve: null })).toBeNull()
  await expect.poll(() => person.childPids(started, 'worker')).toHaveLength(1)
  await person.clickTray(started, 'lock-stop')
  page = await person.unlockWindow(started)
  await expect.poll(() => person.childPids(started, 'worker')).toEqual([])
  server.signal('SIGCONT')
  await expect.poll(async () => (await person.history(page)).map(({ state }) => state)).toEqual(['cancelled'])
  await person.advanceClock(started, 16 * minute)
  await expect.poll(async () => (await person.trayOf(started)).status).toMatch(/^Files: Waiting for unlock/)
  expect(await person.history(page)).toHaveLength(1)

  await test.step('its notification leads to the job, after unlocking', async () => {
    await started.app.evaluate(() => globalThis.__standin.notifications[0]?.emit('click', {}))
    page = await person.unlock(started, password)
    await expect(page.getByRole('heading', { name: 'Files', level: 1 })).toBeVisible()
  })
  await server.stop()
})
