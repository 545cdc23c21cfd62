import { seam, type DialogCall } from './seam.ts'
import { strict } from './strict.ts'

function record(kind: DialogCall['kind'], args: readonly unknown[]): void {
  seam.dialogs.push({ kind, options: args.at(-1) }) // a window may come first
}

/** The button that Electron reports when the person closes a message box without choosing. */
function cancelled(args: readonly unknown[]): number {
  const options = args.at(-1) as Electron.MessageBoxOptions // reason: the last argument by Electron's signature
  if (options.cancelId !== undefined) return options.cancelId
  return Math.max(0, options.buttons?.findIndex((label) => /^(cancel|no)$/i.test(label)) ?? 0)
}

/** Every dialog is recorded and cancelled at once; a test replaces the function on this object to answer otherwise. */
export const dialog = strict('dialog', {
  showOpenDialog: (...args: unknown[]) => {
    record('open', args)
    return Promise.resolve<Electron.OpenDialogReturnValue>({ canceled: true, filePaths: [] })
  },
  showOpenDialogSync: (...args: unknown[]): string[] | undefined => {
    record('open', args)
    return undefined
  },
  showSaveDialog: (...args: unknown[]) => {
    record('save', args)
    return Promise.resolve<Electron.SaveDialogReturnValue>({ canceled: true, filePath: '' })
  },
  showSaveDialogSync: (...args: unknown[]) => {
    record('save', args)
    return ''
  },
  showMessageBox: (...args: unknown[]) => {
    record('message', args)
    return Promise.resolve<Electron.MessageBoxReturnValue>({
      response: cancelled(args),
      checkboxChecked: false,
    })
  },
  showMessageBoxSync: (...args: unknown[]) => {
    record('message', args)
    return cancelled(args)
  },
  showErrorBox: (title: string, content: string) => {
    record('error', [{ title, content }])
    console.error(`[dialog] ${title}: ${content}`)
  },
} satisfies Pick<
  Electron.Dialog,
  | 'showOpenDialog'
  | 'showOpenDialogSync'
  | 'showSaveDialog'
  | 'showSaveDialogSync'
  | 'showMessageBox'
  | 'showMessageBoxSync'
  | 'showErrorBox'
>)
