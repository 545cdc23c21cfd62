import type { Handlers } from '../contract/calls.ts'
import type { AppServices } from './app-services.ts'
import type { ExportTarget } from './export-service.ts'
import { createImportDesk } from './import-desk.ts'
import type { PathTokens } from './path-tokens.ts'
import { createProofReader } from './proof-reader.ts'
import type { DesktopPorts, ServicePorts } from './service-ports.ts'

type Names = Extract<
  keyof Handlers,
  `imports.${string}` | `exports.${string}` | 'dialogs.pickImportFile' | 'dialogs.pickExportFile'
>

export type TransferParts = {
  readonly ports: ServicePorts
  readonly desktop: Pick<DesktopPorts, 'folderPicker'>
  readonly services: Pick<AppServices, 'imports' | 'exports'>
}

/** Import and export for the page, which names no path: files come as tokens of main's dialogs. */
export function transferHandlers(
  { ports, desktop, services }: TransferParts,
  tokens: PathTokens,
): Pick<Handlers, Names> {
  const desk = createImportDesk(ports, services.imports)
  const file = (token: string): string => tokens.redeem(token, 'import-file')
  /** The system's dialog has asked before a file that is there is chosen. */
  const writing = async <T>(token: string, write: (target: ExportTarget) => Promise<T>): Promise<T> => {
    const done = await write({ path: tokens.redeem(token, 'export-file'), replace: true })
    // Not before: a mistyped password must not send a person through the system's dialog again.
    tokens.useUp([token])
    return done
  }
  const withProof = createProofReader({ ports }, tokens)
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
      await writing(token, (target) => services.exports.vault(target))
      return {}
    },
    'exports.plain': async ({ token, format, proof }) => ({
      count: await withProof(proof, (given) =>
        writing(token, (target) => services.exports.plain(format, given, target)),
      ),
    }),
    'exports.credential': async ({ token, id, proof, password }) => {
      await withProof(proof, (given) =>
        writing(token, (target) => services.exports.credential(id, { proof: given, password }, target)),
      )
      return {}
    },
  }
}
