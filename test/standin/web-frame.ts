import { originOf } from './wire.ts'
import { strict } from './strict.ts'

type FrameMembers =
  | 'url'
  | 'origin'
  | 'name'
  | 'processId'
  | 'routingId'
  | 'frameTreeNodeId'
  | 'osProcessId'
  | 'detached'
  | 'visibilityState'
  | 'isDestroyed'
  | 'send'
  | 'executeJavaScript'

export type StandinFrame = Pick<Electron.WebFrameMain, FrameMembers> & {
  readonly parent: null
  readonly top: StandinFrame
  readonly frames: StandinFrame[]
  readonly framesInSubtree: StandinFrame[]
}

export interface FrameSource {
  id: number
  url(): string
  osProcessId(): number
  isDestroyed(): boolean
  send(channel: string, ...args: unknown[]): void
  executeJavaScript(code: string): Promise<unknown>
}

/** The top frame of a webContents: one object for the page's whole life, always answering for the current document. */
export function createMainFrame(source: FrameSource): StandinFrame {
  const frame: StandinFrame = strict('WebFrameMain', {
    get url() {
      return source.url()
    },
    get origin() {
      return originOf(source.url())
    },
    get osProcessId() {
      return source.osProcessId()
    },
    name: '',
    processId: source.id,
    routingId: 1,
    frameTreeNodeId: source.id,
    detached: false,
    visibilityState: 'visible',
    parent: null,
    get top() {
      return frame
    },
    frames: [],
    get framesInSubtree() {
      return [frame]
    },
    isDestroyed: () => source.isDestroyed(),
    send: (channel: string, ...args: unknown[]) => source.send(channel, ...args),
    executeJavaScript: (code: string) => source.executeJavaScript(code),
  })
  return frame
}
