import { onScopeDispose } from 'vue'

const editable = 'input, textarea, select, [contenteditable]'

export type Hotkey = {
  readonly key: string
  /** With Ctrl, or Command on macOS. */
  readonly ctrl?: boolean
  /** Also while a dialog is open. */
  readonly isUrgent?: boolean
}

/**
 * Calls back for a key anywhere in the window, for the life of the component. Plain keys are left alone while a person
 * types, and all but urgent ones while a dialog is open.
 */
export function useHotkey({ key, ctrl = false, isUrgent = false }: Hotkey, act: () => void): void {
  function onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.altKey || event.key.toLowerCase() !== key) return
    if ((event.ctrlKey || event.metaKey) !== ctrl) return
    if (!ctrl && event.target instanceof Element && event.target.matches(editable)) return
    if (!isUrgent && document.querySelector('[role="dialog"], [role="alertdialog"]') !== null) return
    event.preventDefault()
    act()
  }
  window.addEventListener('keydown', onKey)
  onScopeDispose(() => window.removeEventListener('keydown', onKey))
}
