import type { Place } from './isolate.ts'
import type { Scale } from './options.ts'
import type { Row } from './report.ts'

export type Bench = {
  readonly scale: Scale
  readonly place: Place
  /** Says what is being done; nothing else may write to the terminal. */
  readonly note: (text: string) => void
}

/** One line of the table of speeds: a name for `--only` and what measures it. */
export type Line = {
  readonly name: string
  readonly measure: (bench: Bench) => Promise<readonly Row[]>
}
