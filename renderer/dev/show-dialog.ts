import { render, type App, type VNode } from 'vue'

/** Opens a dialog over the page, with everything that the page provides. */
export function showDialog(app: App, dialog: VNode): void {
  dialog.appContext = app._context
  render(dialog, document.body.appendChild(document.createElement('div')))
}
