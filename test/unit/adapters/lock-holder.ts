import { systemClock } from '../../../main/adapters/system-clock.ts'
import { createHomeLock } from '../../../main/adapters/home-lock.ts'

/**
 * Child of the lock tests: takes the lock `vault` of the folder in argv, says so, and keeps it until it is ended. With `probe` as
 * second argument it says whether it could have the lock now, and ends.
 */
const [folder = '', probe] = process.argv.slice(2)
const lock = createHomeLock({ folder, clock: systemClock })

if (probe === 'probe') {
  const held = lock.hold('vault', () => Promise.resolve('free'), { waitMs: 0 })
  process.stdout.write(await held.catch(() => 'busy'))
} else {
  await lock.hold('vault', async () => {
    process.stdout.write('held\n')
    await new Promise((resolve) => process.stdin.once('data', resolve))
  })
  process.stdin.destroy()
}
