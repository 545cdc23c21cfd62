import { app } from 'electron'
import type { Session, WebContents } from 'electron'
import { isOurDocument, isOurPage } from './app-protocol.ts'

/** Denies every permission, device, download and request that is not for our own files. Electron's defaults allow them. */
export function hardenSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => {
    answer(false)
  })
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, answer) => {
    answer({})
  })
  session.webRequest.onBeforeRequest((details, answer) => {
    answer({ cancel: !isOurPage(details.url) })
  })
  session.on('will-download', (event) => {
    event.preventDefault()
  })
  session.setSpellCheckerEnabled(false)
}

/** Refuses navigation, new windows and webviews in every web contents, whoever makes it. */
export function hardenContents(): void {
  app.on('web-contents-created', (_event, contents) => {
    refuseNavigation(contents)
  })
}

function refuseNavigation(contents: WebContents): void {
  contents.on('will-navigate', (event) => {
    if (!isOurDocument(event.url)) event.preventDefault()
  })
  contents.on('will-frame-navigate', (event) => {
    if (!isOurDocument(event.url)) event.preventDefault()
  })
  contents.on('will-redirect', (event) => {
    event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => {
    event.preventDefault()
  })
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}
