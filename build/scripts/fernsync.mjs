#!/usr/bin/env node
/*
 * `fernsync` in a checkout: checks Node, then runs the command line that `npm install` or `npm run build` has built.
 * Syntax of ES2018 and `import()` only, see check-node.mjs. The packaged command has a launcher of its own.
 */
import { existsSync } from 'fs'
import { dirname, join, resolve } from 'path'
import { fileURLToPath, pathToFileURL } from 'url'
import { checkNode } from './check-node.mjs'

checkNode(process.versions.node)

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..')
const cli = join(root, 'out', 'cli', 'cli.js')

if (existsSync(cli)) {
  void import(pathToFileURL(cli).href)
} else {
  process.stderr.write('The command line is not built yet: run `npm run build`.\n')
  process.exitCode = 10
}
