import { EventEmitter } from 'node:events'
import { isReady } from './lifecycle.ts'
import type { Menu } from './menu.ts'
import { toImage, type StandinImage } from './native-image.ts'
import { seam } from './seam.ts'
import { strict } from './strict.ts'

/** No icon is drawn: a test finds the tray in `__standin.trays` and clicks its menu's items or emits 'click'. */
export class Tray extends EventEmitter {
  image: StandinImage
  menu: Menu | null = null
  toolTip = ''
  title = ''
  _dead = false
  readonly _self: this

  constructor(image: StandinImage | string) {
    super()
    if (!isReady()) throw new Error('Cannot create Tray before app is ready')
    this.image = toImage(image)
    this._self = strict('Tray', this)
    seam.trays.push(this._self)
    return this._self
  }

  _alive(): void {
    if (this._dead) throw new TypeError('Object has been destroyed')
  }
  setImage(image: StandinImage | string): void {
    this._alive()
    this.image = toImage(image)
  }
  setPressedImage(_image: StandinImage | string): void {
    this._alive()
  }
  setContextMenu(menu: Menu | null): void {
    this._alive()
    this.menu = menu
  }
  setToolTip(toolTip: string): void {
    this._alive()
    this.toolTip = toolTip
  }
  setTitle(title: string): void {
    this._alive()
    this.title = title
  }
  getTitle(): string {
    return this.title
  }
  popUpContextMenu(menu?: Menu): void {
    this._alive()
    ;(menu ?? this.menu)?.popup()
  }
  closeContextMenu(): void {
    this.menu?.closePopup()
  }
  setIgnoreDoubleClickEvents(_ignore: boolean): void {}
  getBounds(): Electron.Rectangle {
    return { x: 0, y: 0, width: 0, height: 0 } // what Electron answers on Linux
  }
  isDestroyed(): boolean {
    return this._dead
  }
  destroy(): void {
    if (this._dead) return
    this._dead = true
    seam.trays.splice(seam.trays.indexOf(this._self), 1)
  }
}
