/** The table of files that the app:// protocol serves: nothing outside it can be asked for, whatever the URL says. */
import { readdirSync } from 'node:fs'
import path from 'node:path'

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/**
 * URL path -> file (relative to `folder`, with `/`) and content type, sorted by path. A file of a type that is not listed
 * above stops the build, so that nothing is ever served as a guessed type.
 *
 * @param {string} folder the built renderer
 * @returns {Record<string, { file: string, type: string }>}
 */
export function rendererManifest(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort()
  return Object.fromEntries(
    files.map((file) => {
      const type = TYPES[path.extname(file)]
      if (type === undefined)
        throw new Error(`${file}: no content type is listed for it in renderer-manifest.mjs`)
      return [`/${file}`, { file, type }]
    }),
  )
}
