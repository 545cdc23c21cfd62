import type { Handlers } from '../contract/calls.ts'
import type { HandlerParts } from './handlers.ts'
import { createImportDesk } from './import-desk.ts'
import type { PathTokens } from './path-tokens.ts'

type Names = Extract<
  keyof Handlers,
  `imports.${string}` | `exports.${string}` | 'dialogs.pickImportFile' | 'dialogs.pickExportFile'
>

/** Import and export for the page, which names no path: files come as tokens of main's dialogs. */
export function transferHandlers(
  { ports, desktop, services }: HandlerParts,
  tokens: PathTokens,
): Pick<Handlers, Names> {
  const desk = createImportDesk(ports, services.imports)
  const file = (token: string): string => tokens.redeem(token, 'import-file')
  /** The system's dialog has asked before a file that is there is chosen. */
  const target = (token: string): { path: string; replace: true } => {
    const path = tokens.redeem(token, 'export-file')
    tokens.useUp([token])
    return { path, replace: true }
  }
  const home = ports.userFiles.homeDirectory()
  return {
    'dialogs.pickImportFile': async ({ title }) => {
      const path = await desktop.folderPicker.pickFile({ title, startAt: home })
      return path === null
        ? null
        : { token: tokens.give(path, 'import-file'), shown: path, names: [], count: 0 }
    },
    'dialogs.pickExportFile': async ({ title, name }) => {
      const path = await desktop.folderPicker.pickNewFile({ title, startAt: `${home}/${name}` })
      return path === null
        ? null
        : { token: tokens.give(path, 'export-file'), shown: path, names: [], count: 0 }
    },
    'imports.inspect': ({ token, format }) => desk.inspect(file(token), format),
    'imports.open': async ({ token, keyFile, ...request }) => {
      const keyFilePath = keyFile === null ? null : tokens.redeem(keyFile, 'key-file')
      const { id, entries } = await desk.open({ ...request, path: file(token), keyFilePath })
      return { import: id, entries: entries.map((entry) => ({ ...entry })) }
    },
    'imports.take': async ({ import: id, numbers }) => {
      const { length } = await desk.take(id, numbers)
      return { added: length }
    },
    'imports.close': () => {
      desk.close()
      return Promise.resolve({})
    },
    'exports.vault': async ({ token }) => {
      await services.exports.vault(target(token))
      return {}
    },
    'exports.plain': async ({ token, format, password }) => ({
      count: await services.exports.plain(format, { password }, target(token)),
    }),
    'exports.credential': async ({ token, id, password }) => {
      await services.exports.credential(id, password, target(token))
      return {}
    },
  }
}
