import { realJob } from './real-sides.ts'

/** Runs the job of the folder in argv once and prints its summary; made to be killed. */
const [home, direction] = process.argv.slice(2)
if (home === undefined) throw new Error('usage: run-child HOME [push|pull]')
const { summary } = await realJob(home, { direction: direction === 'pull' ? 'pull' : 'push' }).run()
process.stdout.write(`${JSON.stringify(summary)}\n`)
