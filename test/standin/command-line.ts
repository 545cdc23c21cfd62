import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

/** What the command line asked for, in Electron's own syntax: `electron [switches] <app folder or file> [arguments]`. */
export interface Boot {
  /** The app's folder: the one with its package.json. */
  readonly dir: string
  /** The entry module. */
  readonly main: string
  readonly name: string
  readonly version: string
  /** `--name=value` and `--name` (value ''), wherever they stand. */
  readonly switches: ReadonlyMap<string, string>
  /** What the app sees as process.argv after the executable. */
  readonly args: readonly string[]
}

interface Manifest {
  name?: string
  productName?: string
  version?: string
  main?: string
}

/** Switches that Playwright adds and its own loader hides from the app in real Electron. */
const OF_THE_TEST_RUNNER = /^--(inspect(-brk)?(=|$)|remote-debugging-port=|no-sandbox$)/

/** Reads the command line (without executable). Throws when the app's path does not exist. */
export function parseBoot(argv: readonly string[], cwd: string): Boot {
  const end = argv.indexOf('--')
  const parsed = end < 0 ? argv : argv.slice(0, end)
  const switches = new Map<string, string>()
  for (const argument of parsed) {
    const match = /^--([^=]+)(?:=(.*))?$/s.exec(argument)
    if (match?.[1] !== undefined) switches.set(match[1], match[2] ?? '')
  }
  const target = path.resolve(cwd, argv.find((argument) => !argument.startsWith('-')) ?? '.')
  const isFolder = statSync(target).isDirectory()
  const dir = isFolder ? target : folderWithManifest(path.dirname(target))
  const manifest = readManifest(dir)
  return {
    dir,
    main: isFolder ? path.join(dir, manifest.main ?? 'index.js') : target,
    name: manifest.productName ?? manifest.name ?? 'Electron',
    version: manifest.version ?? '0.0.0',
    switches,
    args: argv.filter((argument) => !OF_THE_TEST_RUNNER.test(argument)),
  }
}

function folderWithManifest(start: string): string {
  for (let dir = start; ; dir = path.dirname(dir)) {
    if (existsSync(path.join(dir, 'package.json'))) return dir
    if (dir === path.dirname(dir)) return start
  }
}

function readManifest(dir: string): Manifest {
  const file = path.join(dir, 'package.json')
  // reason: a package.json is what npm already validated; only four optional strings are read from it
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Manifest) : {}
}
