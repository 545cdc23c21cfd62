import { createWebHashHistory } from 'vue-router'
import { createFakeApi, fakeScenarios } from '../api/fake-api.ts'
import { fakeSlots } from '../api/fake/fake-slots.ts'
import { ago, fakeCredentials, fakeJobs } from '../api/fake/fake-data.ts'
import { createPage } from '../create-page.ts'
import { dialogs } from '../dialogs.ts'
import { showDialog } from './show-dialog.ts'
import '../styles/app.css'

/**
 * The page alone in an ordinary browser, over a fake main side:
 * `dev.html?scenario=filled&latency=200&theme=dark&dialog=plan#/jobs`. Not part of the app.
 */
const query = new URLSearchParams(location.search)
const scenario = fakeScenarios.find((name) => name === query.get('scenario')) ?? 'filled'
const api = createFakeApi({ scenario, latencyMs: Number(query.get('latency') ?? 150) })
const theme = query.get('theme')
if (theme === 'light' || theme === 'dark') await api.call['preferences.set']({ theme })

const { app, router } = createPage(api, createWebHashHistory())
// In the app main opens another window for each of the two; here one page plays both.
api.on('vault.state', ({ state }) => void router.push(state === 'unlocked' ? '/' : '/unlock'))
app.mount('#app')

const open = dialogs[query.get('dialog') ?? '']
const [server, job] = [fakeCredentials()[0], fakeJobs()[2]]
if (open !== undefined && server !== undefined && job !== undefined) {
  const generations = [
    { n: 1, changed: ago(7_200_000), ok: true },
    { n: 2, changed: ago(93_600_000), ok: false },
  ]
  showDialog(app, open({ server, job, generations, slots: fakeSlots(scenario) }))
}
