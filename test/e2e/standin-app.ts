// The stand-in's own small app (test/standin/fixture-app), as its tests see it.
import type { ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Seam } from '../standin/seam.ts'
import type { RunningApp } from './fixture.ts'

export const appDir = path.resolve(import.meta.dirname, '../standin/fixture-app')

interface WorkerReport {
  pid: number
  type: string
  argv: string[]
  execArgv: string[]
  env: Record<string, string>
  files: string[]
}

interface FixtureApp {
  log: string[]
  createWindow(name: string, options?: object): { id: number }
  fork(args: string[], options: object): Promise<WorkerReport>
  child: { kill(): boolean; postMessage(value: unknown): void; pid: number | undefined }
}

/** The globals of the app's main process, as page and main callbacks see them. */
declare global {
  var fixture: FixtureApp
  var __standin: Seam
  interface Window {
    api: {
      echo(value: unknown): Promise<unknown>
      fail(): Promise<never>
      sender(): Promise<unknown>
      note(text: string): void
      same(value: unknown): unknown
      nested: { version: number; list: unknown[] }
    }
    ticks: unknown[]
  }
}

/** What the app noted so far. */
export const log = ({ app }: RunningApp): Promise<string[]> => app.evaluate(() => globalThis.fixture.log)

/** The processes whose environment holds this test's home: the app's and its children's. */
export function processesOf(home: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const about =
          readFileSync(`/proc/${pid}/environ`, 'utf8') + readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        return about.includes(home)
      } catch {
        return false // it ended while we looked
      }
    })
    .map(Number)
}

export const exitOf = (child: ChildProcess): Promise<{ code: number | null; signal: string | null }> =>
  new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))

export function textOf(child: ChildProcess): () => string {
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return () => text
}
