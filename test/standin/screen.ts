import { EventEmitter } from 'node:events'
import { strict } from './strict.ts'

const AREA: Electron.Rectangle = { x: 0, y: 0, width: 1280, height: 800 }

/** One display of fixed size: the real one's geometry is not asked for. */
function display() {
  return {
    id: 1,
    label: 'stand-in',
    bounds: { ...AREA },
    workArea: { ...AREA },
    size: { width: AREA.width, height: AREA.height },
    workAreaSize: { width: AREA.width, height: AREA.height },
    scaleFactor: 1,
    rotation: 0,
    internal: false,
  } satisfies Partial<Electron.Display>
}

export const screen = strict(
  'screen',
  Object.assign(new EventEmitter(), {
    getPrimaryDisplay: display,
    getAllDisplays: () => [display()],
    getDisplayMatching: (_rectangle: Electron.Rectangle) => display(),
    getDisplayNearestPoint: (_point: Electron.Point) => display(),
    getCursorScreenPoint: () => ({ x: 0, y: 0 }),
  }),
)
