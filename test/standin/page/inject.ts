import { makeBridge } from './bridge.ts'
import { makeCodec } from './codec.ts'
import { runPreload, type PreloadInfo } from './preload.ts'

/** The isolated world in which the preload runs. */
export const PRELOAD_WORLD = 'electron-preload'

/** A preload runs in the top frame of a document, and not in the empty one that a new window starts with. */
const topFrameOnly = (code: string): string =>
  `if (window.top === window && location.href !== 'about:blank') { ${code} }`

/** The page's end of the bridge, for the main world. `secret` names the DOM events that cross. */
export function pageScript(secret: string): string {
  return topFrameOnly(`(${makeBridge.toString()})('${secret}', 'page')`)
}

/** The preload's end of the bridge, ipcRenderer, and the app's preload file, for the isolated world. */
export function preloadScript(secret: string, info: PreloadInfo, source: string): string {
  const bridge = `(${makeBridge.toString()})('${secret}', 'preload')`
  const load = `(require, module, exports, process) => {${source}\n}`
  return topFrameOnly(
    `(${runPreload.toString()})((${makeCodec.toString()})(), ${bridge}, ${JSON.stringify(info)}, ${load})`,
  )
}
