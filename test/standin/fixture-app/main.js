// A small app that uses what the stand-in has to do right; driven by test/e2e/standin.spec.ts, in both runtimes.
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  nativeImage,
  Notification,
  protocol,
  session,
  shell,
  Tray,
  utilityProcess,
} from 'electron'
import { readFile } from 'node:fs/promises'
import path from 'node:path'

const here = import.meta.dirname
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' }

app.setPath('userData', path.join(process.env.FERNSYNC_HOME, 'chromium'))
app.setPath('sessionData', path.join(process.env.FERNSYNC_HOME, 'chromium'))
app.enableSandbox()
protocol.registerSchemesAsPrivileged([
  { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
])

const log = []
globalThis.fixture = { log, createWindow, fork }

async function serve(request) {
  const url = new URL(request.url)
  if (url.host !== 'ui') return new Response('forbidden', { status: 403 })
  if (url.pathname === '/post') return Response.json({ method: request.method, body: await request.text() })
  const file = path.join(here, 'page', url.pathname === '/' ? 'index.html' : path.basename(url.pathname))
  try {
    const type = TYPES[path.extname(file)] ?? 'application/octet-stream'
    return new Response(new Uint8Array(await readFile(file)), {
      headers: { 'content-type': type, 'content-security-policy': CSP, 'x-content-type-options': 'nosniff' },
    })
  } catch {
    return new Response('not found', { status: 404 })
  }
}

function createWindow(name, options = {}) {
  const window = new BrowserWindow({
    width: 640,
    height: 480,
    show: false,
    title: name,
    webPreferences: { preload: path.join(here, 'preload.cjs'), sandbox: true, contextIsolation: true },
    ...options,
  })
  for (const event of ['show', 'hide', 'focus', 'blur', 'closed']) {
    window.on(event, () => log.push(`${name}:${event}`))
  }
  window.once('ready-to-show', () => window.show())
  window.webContents.setWindowOpenHandler(({ url }) => {
    void shell.openExternal(url)
    return { action: 'deny' }
  })
  window.webContents.on('will-navigate', (event) => {
    log.push(`will-navigate ${event.url}`)
    event.preventDefault()
  })
  window.webContents.on('render-process-gone', (_event, details) => {
    log.push(`gone ${details.reason}`)
    window.webContents.reload()
  })
  void window.loadURL(`app://ui/index.html?name=${encodeURIComponent(name)}`)
  return window
}

/** Starts the worker and resolves with what it reports about itself. */
function fork(args, options) {
  const child = utilityProcess.fork(path.join(here, 'worker.js'), args, options)
  globalThis.fixture.child = child
  child.on('exit', (code) => log.push(`worker exit ${code}`))
  return new Promise((resolve) => child.once('message', resolve))
}

function start() {
  protocol.handle('app', serve)
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, callback) => callback(false))
  session.defaultSession.webRequest.onBeforeRequest((details, callback) => {
    callback({ cancel: !details.url.startsWith('app:') })
  })
  ipcMain.handle('echo', (_event, value) => value)
  ipcMain.handle('fail', () => {
    throw new TypeError('boom from main')
  })
  ipcMain.handle('sender', (event) => ({
    known: BrowserWindow.fromWebContents(event.sender)?.webContents === event.sender,
    top: event.senderFrame === event.sender.mainFrame && event.senderFrame.parent === null,
    url: event.senderFrame.url,
    origin: event.senderFrame.origin,
  }))
  ipcMain.handle('pick', async (event) => {
    const window = BrowserWindow.fromWebContents(event.sender)
    const { canceled, filePaths } = await dialog.showOpenDialog(window, { properties: ['openDirectory'] })
    return canceled ? null : filePaths[0]
  })
  ipcMain.on('note', (_event, text) => log.push(`note ${text}`))

  const tray = new Tray(nativeImage.createEmpty())
  tray.setToolTip('Fixture')
  tray.setContextMenu(
    Menu.buildFromTemplate([
      { id: 'pause', label: 'Pause', type: 'checkbox', click: (item) => log.push(`pause ${item.checked}`) },
      { type: 'separator' },
      { id: 'quit', role: 'quit' },
    ]),
  )
  globalThis.fixture.tray = tray
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      {
        label: 'File',
        submenu: [
          {
            id: 'notify',
            label: 'Notify',
            click: () => {
              const notification = new Notification({ title: 'Hello', body: 'from main' })
              notification.on('click', () => log.push('notification click'))
              notification.show()
            },
          },
        ],
      },
    ]),
  )
  createWindow('main')
}

app.on('before-quit', () => log.push('before-quit'))
app.on('will-quit', () => console.log('will-quit'))
app.on('window-all-closed', () => {
  log.push('window-all-closed')
  console.log('window-all-closed')
})
app.on('second-instance', (_event, argv, cwd, data) => {
  log.push(`second-instance ${argv.at(-1)} ${cwd} ${JSON.stringify(data)}`)
})

if (app.requestSingleInstanceLock({ from: 'fixture' })) void app.whenReady().then(start)
else {
  console.log('second instance')
  app.quit()
}
