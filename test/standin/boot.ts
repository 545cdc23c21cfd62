import { parseBoot, type Boot } from './command-line.ts'

/** The command line of this process. */
export const boot: Boot = parseBoot(process.argv.slice(2), process.cwd())

/** Playwright started us: it waits for Chromium's port and calls `__playwright_run`. */
export const underTest: boolean = boot.switches.has('remote-debugging-port')
