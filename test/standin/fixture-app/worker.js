// Reports what a utility process can see of itself, then echoes.
import { readdirSync, readlinkSync } from 'node:fs'

function openFiles() {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`]
    } catch {
      return [] // the descriptor of this very listing
    }
  })
}

process.parentPort.on('message', ({ data }) => {
  if (data === 'exit') process.exit(7)
  process.parentPort.postMessage(data)
})
process.parentPort.postMessage({
  pid: process.pid,
  type: process.type,
  argv: process.argv.slice(2),
  execArgv: process.execArgv,
  env: { ...process.env },
  files: openFiles(),
})
