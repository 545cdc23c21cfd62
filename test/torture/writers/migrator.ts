import { nodeDatabases } from '../../../main/adapters/node-database.ts'
import { openLater } from '../support/migrations.ts'

/** `node migrator.ts FILE`: prints `ready`, brings the file to its newest schema and prints `done`. */
const [path = ''] = process.argv.slice(2)
process.stdout.write('ready\n')
openLater(nodeDatabases, path).close()
process.stdout.write('done\n')
