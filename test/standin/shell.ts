import { seam } from './seam.ts'
import { strict } from './strict.ts'

/** Recorded in `__standin.opened`; nothing is opened. */
export const shell = strict('shell', {
  openExternal: (url: string) => {
    seam.opened.push(url)
    return Promise.resolve()
  },
  openPath: (path: string) => {
    seam.opened.push(path)
    return Promise.resolve('')
  },
  showItemInFolder: (path: string) => void seam.opened.push(path),
  beep: () => undefined,
} satisfies Pick<Electron.Shell, 'openExternal' | 'openPath' | 'showItemInFolder' | 'beep'>)
