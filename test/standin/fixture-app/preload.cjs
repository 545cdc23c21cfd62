// A sandboxed preload is CommonJS: require is all it has.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { contextBridge, ipcRenderer } = require('electron')

contextBridge.exposeInMainWorld('api', {
  echo: (value) => ipcRenderer.invoke('echo', value),
  fail: () => ipcRenderer.invoke('fail'),
  sender: () => ipcRenderer.invoke('sender'),
  pick: () => ipcRenderer.invoke('pick'),
  note: (text) => ipcRenderer.send('note', text),
  onTick: (listener) => {
    const relay = (_event, value) => listener(value)
    ipcRenderer.on('tick', relay)
    return () => ipcRenderer.off('tick', relay)
  },
  same: (value) => value,
  nested: { version: 7, list: ['a', { b: 1 }] },
})
