import { EventEmitter } from 'node:events'
import { seam } from './seam.ts'
import { strict } from './strict.ts'

type Members =
  'title' | 'subtitle' | 'body' | 'silent' | 'urgency' | 'actions' | 'closeButtonText' | 'timeoutType'

/** Nothing appears: a test finds it in `__standin.notifications` once shown and emits 'click', 'action' or 'close'. */
export class Notification
  extends EventEmitter
  implements Pick<Electron.Notification, Members | 'show' | 'close'>
{
  title: string
  subtitle: string
  body: string
  silent: boolean
  urgency: Electron.Notification['urgency']
  actions: Electron.NotificationAction[]
  closeButtonText: string
  timeoutType: Electron.Notification['timeoutType']
  icon: unknown
  readonly _self: this

  constructor(options: Electron.NotificationConstructorOptions = {}) {
    super()
    this.title = options.title ?? ''
    this.subtitle = options.subtitle ?? ''
    this.body = options.body ?? ''
    this.silent = options.silent ?? false
    this.urgency = options.urgency ?? 'normal'
    this.actions = options.actions ?? []
    this.closeButtonText = options.closeButtonText ?? ''
    this.timeoutType = options.timeoutType ?? 'default'
    this.icon = options.icon
    this._self = strict('Notification', this)
    return this._self
  }

  static isSupported(): boolean {
    return true
  }
  show(): void {
    seam.notifications.push(this._self)
    queueMicrotask(() => this.emit('show', {}))
  }
  close(): void {
    queueMicrotask(() => this.emit('close', {}))
  }
}
