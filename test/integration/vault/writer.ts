import { createNodeVault } from '../../../main/adapters/node-vault.ts'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import { quickDerive } from '../../helpers/quick-derive.ts'

/**
 * A process that changes a vault as fast as it can: `node writer.ts HOME PREFIX COUNT`. Prints a line only after the vault has
 * acknowledged the change that the line describes: `add NAME SECRET`, `edit NAME SECRET` or `remove NAME`.
 */
const [home = '', prefix = '', count = '0'] = process.argv.slice(2)
const silent = { info: () => {}, warn: () => {}, error: () => {} }
const vault = createNodeVault({
  home,
  log: silent,
  // The rules under test are those of the files; a real derivation would be most of the time.
  derive: quickDerive,
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const draft = { type: 'sftp' as const, fields: { host: 'h', keyFile: '/k' }, hostKey: null, tags: [] }

await vault.unlock({ password: utf8('correct horse battery') }, {})
say('ready')
for (let n = 0; n < Number(count); n += 1) {
  const name = `${prefix}-${n}`
  const { id } = await vault.addCredential({ ...draft, name }, { password: utf8(`first ${n}`) })
  say(`add ${name} first ${n}`)
  if (n % 2 === 0) {
    await vault.editCredential(id, { fields: { keyFile: `/k${n}` } }, { password: utf8(`second ${n}`) })
    say(`edit ${name} second ${n}`)
  }
  if (n % 3 === 0) {
    await vault.removeCredential(id)
    say(`remove ${name}`)
  }
}
say('done')
