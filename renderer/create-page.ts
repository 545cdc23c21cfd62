import { createApp, type App } from 'vue'
import { createRouter, type Router, type RouterHistory } from 'vue-router'
import type { Api } from '../main/contract/api.ts'
import { createClient, provideClient } from './api/client.ts'
import AppRoot from './app/AppRoot.vue'
import { texts } from './i18n/en.ts'
import { routes } from './routes.ts'
import { createToasts, provideToasts } from './ui/toasts.ts'
import { provideUiTexts } from './ui/ui-texts.ts'

/** The whole page over a bridge and a history, not mounted yet; the app, the development page and tests all use it. */
export function createPage(api: Api, history: RouterHistory): { app: App; router: Router } {
  const app = createApp(AppRoot)
  const router = createRouter({ history, routes })
  provideClient(app, createClient(api))
  provideUiTexts(app, texts.common.ui)
  provideToasts(app, createToasts())
  app.use(router)
  return { app, router }
}
