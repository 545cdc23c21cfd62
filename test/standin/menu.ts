import { EventEmitter } from 'node:events'
import { BrowserWindow } from './browser-window.ts'
import { quit } from './lifecycle.ts'
import { seam } from './seam.ts'
import { notImplemented, strict } from './strict.ts'

type ItemOptions = Omit<Electron.MenuItemConstructorOptions, 'submenu' | 'click'> & {
  submenu?: Template | Menu
  click?: (item: MenuItem, window: BrowserWindow | undefined, event: object) => void
}
type Template = (ItemOptions | MenuItem)[]
type Role = NonNullable<Electron.MenuItemConstructorOptions['role']>

/** Editing commands that Chromium carries out in the focused page. */
const EDIT_ROLES = new Set<string>(['undo', 'redo', 'cut', 'copy', 'paste', 'delete', 'selectAll'])

function runRole(role: Role): void {
  const window = BrowserWindow.getFocusedWindow()
  if (role === 'quit') quit()
  else if (role === 'close') window?.close()
  else if (role === 'minimize') window?.minimize()
  else if (role === 'reload' || role === 'forceReload') window?.reload()
  else if (role === 'togglefullscreen') window?.setFullScreen(!window.isFullScreen())
  else if (role === 'toggleDevTools') window?.webContents.openDevTools()
  else if (EDIT_ROLES.has(role)) {
    window?._effect((page) => page.send('Input.dispatchKeyEvent', { type: 'keyDown', commands: [role] }))
  } else throw notImplemented(`the menu role ${role}`)
}

export class MenuItem {
  readonly type: NonNullable<Electron.MenuItemConstructorOptions['type']>
  readonly id: string | undefined
  readonly role: Role | undefined
  readonly submenu: Menu | undefined
  readonly accelerator: string | undefined
  label: string
  sublabel = ''
  toolTip = ''
  enabled = true
  visible = true
  checked = false
  icon: unknown
  menu: Menu | undefined
  /** As if the person chose it; a disabled item does nothing. */
  readonly click: (event?: object) => void

  constructor(options: ItemOptions) {
    if (options.before ?? options.after ?? options.beforeGroupContaining ?? options.afterGroupContaining) {
      throw notImplemented('menu item positions (before, after)')
    }
    this.label = options.label ?? options.role ?? ''
    this._assignGiven(options)
    this.id = options.id
    this.role = options.role
    this.icon = options.icon
    this.accelerator = typeof options.accelerator === 'string' ? options.accelerator : undefined
    this.submenu = Array.isArray(options.submenu) ? Menu.buildFromTemplate(options.submenu) : options.submenu
    this.type = options.type ?? (options.submenu ? 'submenu' : 'normal')
    const self = strict('MenuItem', this)
    this.click = (event = {}) => {
      if (!this.enabled || this.type === 'separator') return
      if (this.type === 'checkbox') this.checked = !this.checked
      if (this.type === 'radio') this.menu?._choose(self)
      if (options.role) runRole(options.role)
      else options.click?.(self, BrowserWindow.getFocusedWindow() ?? undefined, event)
    }
    return self
  }

  _assignGiven({ sublabel, toolTip, enabled, visible, checked }: ItemOptions): void {
    const given = Object.entries({ sublabel, toolTip, enabled, visible, checked })
    Object.assign(this, Object.fromEntries(given.filter(([, value]) => value !== undefined)))
  }
}

let applicationMenu: Menu | null = null

export class Menu extends EventEmitter {
  items: MenuItem[] = []

  constructor() {
    super()
    return strict('Menu', this)
  }

  static buildFromTemplate(template: Template): Menu {
    const menu = new Menu()
    for (const item of template) menu.append(item instanceof MenuItem ? item : new MenuItem(item))
    return menu
  }
  static setApplicationMenu(menu: Menu | null): void {
    applicationMenu = menu
  }
  static getApplicationMenu(): Menu | null {
    return applicationMenu
  }

  append(item: MenuItem): void {
    this.insert(this.items.length, item)
  }
  insert(position: number, item: MenuItem): void {
    item.menu = this
    this.items.splice(position, 0, item)
  }
  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      if (item.id === id) return item
      const inside = item.submenu?.getMenuItemById(id)
      if (inside) return inside
    }
    return null
  }
  /** Recorded: a test clicks the items of `__standin.menus.at(-1)`. */
  popup(
    options: Pick<Electron.PopupOptions, 'x' | 'y' | 'callback'> & { window?: BrowserWindow } = {},
  ): void {
    seam.menus.push(this)
    this.emit('menu-will-show', {})
    if (options.callback) this.once('menu-will-close', options.callback)
  }
  closePopup(): void {
    this.emit('menu-will-close', {})
  }

  /** Checks one radio item and unchecks its neighbours up to the next separator. */
  _choose(chosen: MenuItem): void {
    const groups: MenuItem[][] = [[]]
    for (const item of this.items) {
      if (item.type === 'radio') groups.at(-1)?.push(item)
      else groups.push([])
    }
    for (const item of groups.find((group) => group.includes(chosen)) ?? []) item.checked = item === chosen
  }
}
