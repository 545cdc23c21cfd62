import { createWebHashHistory } from 'vue-router'
import { windowApi } from './api/window-api.ts'
import { createPage } from './create-page.ts'
import './styles/app.css'

createPage(windowApi(), createWebHashHistory()).app.mount('#app')
