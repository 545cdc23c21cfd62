import { createMemoryHistory } from 'vue-router'
import type { RouteRecordRaw } from 'vue-router'
import { afterEach, describe, expect, it } from 'vitest'
import { createFakeApi } from '../../renderer/api/fake-api.ts'
import { fakeSlots } from '../../renderer/api/fake/fake-slots.ts'
import { ago, fakeCredentials, fakeId } from '../../renderer/api/fake/fake-data.ts'
import { createPage } from '../../renderer/create-page.ts'
import { showDialog } from '../../renderer/dev/show-dialog.ts'
import { dialogs } from '../../renderer/dialogs.ts'
import { routes } from '../../renderer/routes.ts'
import { openPage, settle } from './page.ts'

/** Every path of the router, with ids of the fake in place of parameters. */
function pathsOf(list: readonly RouteRecordRaw[], parent = ''): string[] {
  return list.flatMap((route) => {
    const path = route.path.startsWith('/') ? route.path : `${parent.replace(/\/$/, '')}/${route.path}`
    const id = path.includes('servers') ? fakeId('c', 1) : fakeId('a', 1)
    const concrete = path.replace(':rest(.*)*', 'nowhere').replace(':job?', id).replace(':id', id)
    return [concrete, ...pathsOf(route.children ?? [], path)]
  })
}

const scenarios = ['filled', 'empty', 'error'] as const
const cases = [...new Set(pathsOf(routes))].flatMap((path) =>
  scenarios.map((scenario) => ({ path, scenario })),
)
const server = fakeCredentials()[0]
if (server === undefined) throw new Error('the fake has no server')
const generations = [{ n: 1, changed: ago(1000), ok: true }]
const subjects = {
  server,
  job: { id: fakeId('a', 3), name: 'Client projects' },
  generations,
  slots: fakeSlots('key-file'),
}

afterEach(() => {
  document.body.innerHTML = ''
})

describe('every screen', () => {
  it.each(cases)('opens at $path with a heading when the app is $scenario', async ({ path, scenario }) => {
    const page = await openPage(path, scenario)
    expect(document.querySelectorAll('h1, [role="alert"], [role="status"]').length).toBeGreaterThan(0)
    expect(page.text()).not.toMatch(/undefined|NaN|\[object/)
    page.close()
  })

  it.each(['locked', 'no-vault', 'key-file', 'throttled', 'damaged', 'missing', 'newer'] as const)(
    'of the unlock window opens when the vault is %s',
    async (scenario) => {
      const page = await openPage('/unlock', scenario)
      expect(document.querySelector('h1')).not.toBeNull()
      page.close()
    },
  )

  it.each(['/jobs', '/servers', '/history', '/settings'])(
    'says in words what failed and offers to try again at %s',
    async (path) => {
      const page = await openPage(path, 'error')
      expect(page.text()).toContain('Another process is using the vault right now.')
      expect(page.text()).not.toContain('busy')
      expect(page.button('Try again')).toBeDefined()
      page.close()
    },
  )
})

describe('every dialog', () => {
  it.each(Object.keys(dialogs).flatMap((name) => scenarios.map((scenario) => ({ name, scenario }))))(
    '$name opens with a title when the app is $scenario',
    async ({ name, scenario }) => {
      const { app } = createPage(createFakeApi({ scenario, latencyMs: 0 }), createMemoryHistory())
      const warnings: string[] = []
      app.config.warnHandler = (message) => warnings.push(message)
      document.body.innerHTML = '<div id="app"></div>'
      app.mount('#app')
      const open = dialogs[name]
      if (open === undefined) throw new Error(`no dialog ${name}`)
      showDialog(app, open(subjects))
      await settle()
      expect(document.querySelector('[role="dialog"] h2')?.textContent).toBeTruthy()
      expect(warnings).toEqual([])
      app.unmount()
    },
  )
})
