import type { RouteRecordRaw } from 'vue-router'
import HistoryScreen from './app/HistoryScreen.vue'
import HomeScreen from './app/HomeScreen.vue'
import MainShell from './app/MainShell.vue'
import NewJobScreen from './app/NewJobScreen.vue'
import NewServerScreen from './app/NewServerScreen.vue'
import NotFoundScreen from './app/NotFoundScreen.vue'
import OnboardingScreen from './app/OnboardingScreen.vue'
import ServerScreen from './app/ServerScreen.vue'
import SettingsScreen from './app/SettingsScreen.vue'
import ServerEditor from './features/credentials/ServerEditor.vue'
import ServersView from './features/credentials/ServersView.vue'
import ActivityView from './features/activity/ActivityView.vue'
import JobDetail from './features/jobs/JobDetail.vue'
import JobEditor from './features/jobs/JobEditor.vue'
import JobsView from './features/jobs/JobsView.vue'
import ImportView from './features/transfer/ImportView.vue'
import UnlockView from './features/unlock/UnlockView.vue'

/** Every screen. `/unlock` is the only one of the unlock window; all others belong to the window of the open vault. */
export const routes: RouteRecordRaw[] = [
  { path: '/unlock', component: UnlockView },
  {
    path: '/',
    component: MainShell,
    children: [
      { path: '', component: HomeScreen },
      { path: 'welcome', component: OnboardingScreen },
      { path: 'jobs', component: JobsView },
      { path: 'jobs/new', component: NewJobScreen },
      { path: 'jobs/:id', component: JobDetail },
      { path: 'jobs/:id/edit', component: JobEditor },
      { path: 'servers/new/:type?', component: NewServerScreen },
      {
        path: 'servers',
        component: ServersView,
        children: [
          { path: ':id', component: ServerScreen },
          { path: ':id/edit', component: ServerEditor },
        ],
      },
      { path: 'history/:job?', component: HistoryScreen },
      { path: 'activity/:server?', component: ActivityView },
      { path: 'settings', component: SettingsScreen },
      { path: 'import', component: ImportView },
      { path: ':rest(.*)*', component: NotFoundScreen },
    ],
  },
]
