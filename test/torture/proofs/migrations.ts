import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeDatabases } from '../../../main/adapters/node-database.ts'
import { openHome } from '../../../main/adapters/home-folder.ts'
import { openNodeHome } from '../../../main/adapters/node-home.ts'
import { createNodeVault } from '../../../main/adapters/node-vault.ts'
import type { Database, DatabaseFactory } from '../../../main/core/ports/database.ts'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import { isSame } from '../support/contents.ts'
import { quickDerive, quickPlace, silent } from '../support/lab.ts'
import { dump, migrations } from '../support/migrations.ts'
import type { Migration } from '../support/migrations.ts'
import { createSeeded } from '../support/seeded-random.ts'
import { overLines } from '../support/writers.ts'
import { amount, codeOf, createFailures } from '../proof.ts'
import type { Proof, Run } from '../proof.ts'

const PASSWORD = 'correct horse battery'
const ENDS = ['', '-wal', '-shm'] as const
/** About as long as the later steps take. */
const LONGEST_MS = 60

/**
 * Each migration cut off before and after every statement it runs, and killed by the system at random moments: the file must open
 * at its newest schema with every row, and a home that holds it with its vault.
 */
export const interruptedMigrations: Proof = {
  number: 9,
  name: 'interrupted migrations',
  async run(run) {
    const failures = createFailures()
    const { path: place, remove } = quickPlace()
    let cuts = 0
    try {
      const home = await makeHome(place)
      for (const migration of migrations)
        cuts += await cutEverywhere(migration, { place, home, fail: failures.add })
      const kills = amount(run, { short: 15, full: 500 })
      run.note(`migrations: ${kills} kills`)
      await killMigrations(run, { kills, place, fail: failures.add })
      return {
        line: `${migrations.length} migrations, ${cuts} cuts between steps, ${kills} kills, ${failures.count()} files or homes that do not open with everything`,
        figures: { migrations: migrations.length, cuts, kills, failures: failures.count() },
        failures: failures.all(),
      }
    } finally {
      remove()
    }
  },
}

type Place = { readonly place: string; readonly home: string; readonly fail: (text: string) => void }

async function makeHome(place: string): Promise<string> {
  const home = openHome(join(place, 'home')).path
  const vault = createNodeVault({ home, log: silent, derive: quickDerive })
  await vault.init(utf8(PASSWORD), { iterations: 600_000 })
  await vault.lock()
  return home
}

/** Copies the file as a crash would leave it at every moment of the migration, then opens every copy. */
async function cutEverywhere(migration: Migration, { place, home, fail }: Place): Promise<number> {
  const folder = join(place, migration.name.replace(/\W+/g, '-'))
  mkdirSync(folder)
  const file = join(folder, 'file.sqlite')
  const older = nodeDatabases.open(file)
  migration.prepare(older)
  older.close()
  const copies: string[] = []
  const cut = (): void => {
    const copy = join(folder, `cut-${copies.length}.sqlite`)
    // Not the -shm: it is memory, which no crash leaves.
    for (const end of ENDS.slice(0, 2)) if (existsSync(file + end)) copyFileSync(file + end, copy + end)
    copies.push(copy)
  }
  migration.open(watched(cut), file).close()
  cut()
  const wanted = dumpOf(file)
  for (const [at, copy] of copies.entries()) {
    migration.open(nodeDatabases, copy).close()
    if (!isSame(dumpOf(copy), wanted)) fail(`${migration.name}, cut ${at}: opens with something else`)
    if (migration.name === 'state.sqlite')
      await opensHome(home, copy, (why) => fail(`state.sqlite, cut ${at}: ${why}`))
  }
  return copies.length
}

/** The same database with `moment` called around everything that it is asked to do. */
function watched(moment: () => void): DatabaseFactory {
  const around = <T>(work: () => T): T => {
    moment()
    const result = work()
    moment()
    return result
  }
  const watch = (database: Database): Database => ({
    ...database,
    exec: (sql) => {
      // One statement at a time, so that there is a moment between any two.
      for (const statement of sql.split(';').filter((part) => part.trim() !== ''))
        around(() => database.exec(statement))
    },
    run: (sql, ...values) => around(() => database.run(sql, ...values)),
    transaction: (work) => around(() => database.transaction(work)),
  })
  return { open: (path) => watch(nodeDatabases.open(path)) }
}

function dumpOf(file: string): unknown {
  const database = nodeDatabases.open(file)
  try {
    return dump(database)
  } finally {
    database.close()
  }
}

/** Starts the program on a home whose state is this file. */
async function opensHome(home: string, copy: string, fail: (why: string) => void): Promise<void> {
  const state = join(home, 'device/state.sqlite')
  for (const end of ENDS) rmSync(state + end, { force: true })
  for (const end of ENDS) if (existsSync(copy + end)) renameSync(copy + end, state + end)
  const code = await codeOf(
    (async () => {
      const opened = openNodeHome(home, 'cli')
      opened.close()
      const vault = createNodeVault({ home, log: silent, derive: quickDerive })
      await vault.unlock({ password: utf8(PASSWORD) }, { allowSlowKdf: true })
      await vault.lock()
    })(),
  )
  if (code !== null) fail(`the home does not open: ${code}`)
}

type Kills = { readonly kills: number; readonly place: string; readonly fail: (text: string) => void }

async function killMigrations(run: Run, { kills, place, fail }: Kills): Promise<void> {
  const later = migrations.at(-1)
  if (later === undefined) throw new Error('no migration')
  const [older, whole, file] = ['older', 'whole', 'killed'].map((name) => join(place, `${name}.sqlite`))
  if (older === undefined || whole === undefined || file === undefined) throw new Error('no place')
  const made = nodeDatabases.open(older)
  later.prepare(made)
  made.close()
  copyFileSync(older, whole)
  later.open(nodeDatabases, whole).close()
  const wanted = dumpOf(whole)
  const script = join(import.meta.dirname, '../writers/migrator.ts')
  for (let round = 0; round < kills; round += 1) {
    const random = createSeeded(run.seed, 'migrations', round)
    for (const end of ENDS) rmSync(file + end, { force: true })
    copyFileSync(older, file)
    const running = overLines([script, file], 'ready', { NODE_COMPILE_CACHE: join(place, 'compile-cache') })
    await running.ready
    await Promise.race([sleep(random.int(LONGEST_MS * 1000) / 1000), running.ended])
    try {
      process.kill(running.pid, 'SIGKILL')
    } catch {
      // It was through with everything.
    }
    await running.ended
    later.open(nodeDatabases, file).close()
    if (!isSame(dumpOf(file), wanted))
      fail(`kill ${round} of a migration leaves something else (--only 9 --seed ${run.seed})`)
  }
}
