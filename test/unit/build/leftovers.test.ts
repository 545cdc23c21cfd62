import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { leftovers, listeningPorts, takeSnapshot } from '../../../build/scripts/leftovers.mjs'

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0000000000000000 100 0 0 10 0
   1: 0100007F:0016 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4243 1 0000000000000000 20 4 30 10 -1
`

describe('listeningPorts', () => {
  it('takes listening sockets only', () => {
    expect(listeningPorts(TABLE)).toEqual(new Map([['8080', '4242']]))
  })
})

describe('leftovers', () => {
  it('names new ports with their process, and new users', () => {
    const before = { ports: new Map([['22', '1']]), users: new Set(['root']) }
    const after = {
      ports: new Map([
        ['22', '1'],
        ['8080', '4242'],
      ]),
      users: new Set(['root', 'fernsync-test']),
    }
    expect(leftovers(before, after, (inode) => `process of ${inode}`)).toEqual([
      'TCP port 8080 is still open (process of 4242)',
      'the OS user fernsync-test is still there',
    ])
  })

  it('says nothing when nothing is new', () => {
    const snapshot = takeSnapshot()
    expect(leftovers(snapshot, snapshot)).toEqual([])
  })

  it('finds a server of this very process, and its command line', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? String(address.port) : ''
    const after = takeSnapshot()
    const before = { ...after, ports: new Map([...after.ports].filter(([name]) => name !== port)) }
    expect(leftovers(before, after)).toEqual([
      expect.stringMatching(new RegExp(`^TCP port ${port} is still open \\(process ${process.pid}: .*\\)$`)),
    ])
    server.close()
  })
})
