// Makes `electron` mean the stand-in, for import and require from any file, in the main process.
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

const standin = fileURLToPath(new URL('./electron.ts', import.meta.url))

registerHooks({
  resolve: (specifier, context, next) =>
    next(
      specifier === 'electron' || specifier === 'electron/main' || specifier === 'electron/common'
        ? standin
        : specifier,
      context,
    ),
})
