import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reactionOf } from '../../../main/model/error-codes.ts'
import { parseRemotePath, rootPath } from '../../../main/core/remote/remote-path.ts'
import { realDeps } from '../../conformance/deps.ts'
import { isRoot, startOpenSsh, type OpenSshServer } from '../../servers/openssh.ts'
import { evilNames, startHostileSftp, type Hostility } from '../../servers/hostile-sftp.ts'
import { bigSource, content, failureOf, impatient, listed, never, open } from './helpers.ts'

const megabyte = 1024 * 1024
const good = parseRemotePath('good.txt')

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'fernsync-mount-'))
  try {
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status !== 0) return false
    return spawnSync('umount', [folder]).status === 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('sftp when the server fails', () => {
  let server: OpenSshServer

  beforeAll(async () => {
    server = await startOpenSsh()
  })
  afterAll(() => server.stop())

  it('reports a retriable code and leaves no partial file when the server is killed in mid-file', async () => {
    const victim = await startOpenSsh()
    try {
      const remote = await open(victim.config)
      const source = bigSource(64 * megabyte, (sent) => {
        if (sent === 16 * megabyte) victim.signal('SIGKILL')
      })
      const error = await failureOf(remote.write(parseRemotePath('big.bin'), source, 'create', never))
      expect(error.code).toBe('unreachable')
      expect(readdirSync(victim.root).every((name) => /^\.fernsync-.*\.part$/.test(name))).toBe(true)
      expect((await failureOf(remote.stat(rootPath, never))).code).toBe('unreachable')
      await remote.close()
    } finally {
      await victim.stop()
    }
  })

  it('reports "timeout" when the server is stopped, and that the connection is lost afterwards', async () => {
    const sleepy = await startOpenSsh()
    try {
      const remote = await impatient.open(sleepy.config, realDeps(), never)
      sleepy.signal('SIGSTOP')
      expect((await failureOf(remote.stat(rootPath, never))).code).toBe('timeout')
      expect((await failureOf(remote.stat(rootPath, never))).code).toBe('unreachable')
      await remote.close()
    } finally {
      await sleepy.stop()
    }
  })

  it('rejects an abort within two seconds although the server is stopped', async () => {
    const sleepy = await startOpenSsh()
    try {
      const remote = await open(sleepy.config)
      sleepy.signal('SIGSTOP')
      const abort = new AbortController()
      const reading = failureOf(remote.stat(rootPath, abort.signal))
      const writing = failureOf(remote.write(good, bigSource(megabyte), 'create', abort.signal))
      abort.abort()
      const started = performance.now()
      expect((await reading).code).toBe('cancelled')
      expect((await writing).code).toBe('cancelled')
      expect(performance.now() - started).toBeLessThan(2_000)
      sleepy.signal('SIGCONT')
      await remote.close()
    } finally {
      await sleepy.stop()
    }
  })

  it('leaves no temp file behind when a big write is aborted', async () => {
    const remote = await open(server.config)
    const abort = new AbortController()
    const source = bigSource(128 * megabyte, (sent) => {
      if (sent === 40 * megabyte) abort.abort()
    })
    const path = parseRemotePath('aborted.bin')
    expect((await failureOf(remote.write(path, source, 'create', abort.signal))).code).toBe('cancelled')
    expect(await listed(remote, rootPath)).toEqual([])
    await remote.close()
  })

  it('keeps big content whole over two connections, both ways', async () => {
    const remote = await open(server.config)
    const path = parseRemotePath('two/lanes.bin')
    const before = server.log().length
    const source = bigSource(70 * megabyte + 13)
    const entry = await remote.write(path, source, 'create', never)
    expect(entry).toEqual({ kind: 'file', path, size: source.size, modTime: source.modTime, version: null })
    const onServer = readFileSync(join(server.root, path))
    expect(onServer.equals(Buffer.alloc(source.size, 'fernsync'))).toBe(true)
    expect((await content(remote, path)).equals(onServer)).toBe(true)
    expect(
      server
        .log()
        .slice(before)
        .match(/^Accepted (password|publickey) for/gm),
    ).toHaveLength(1)
    await remote.remove(path, never)
    await remote.close()
  })

  it('does not open a second connection with a wiped credential', async () => {
    const secrets = { privateKey: new Uint8Array(server.privateKey) }
    const remote = await open({ ...server.config, secrets })
    secrets.privateKey.fill(0)
    const before = server.log().length
    await remote.write(parseRemotePath('wiped.bin'), bigSource(40 * megabyte), 'create', never)
    expect(server.log().slice(before)).not.toMatch(/Accepted|Failed/)
    await remote.remove(parseRemotePath('wiped.bin'), never)
    await remote.close()
  })

  it('never follows links and reports them as something else', async () => {
    writeFileSync(join(server.root, 'outside'), 'x')
    symlinkSync('outside', join(server.root, 'link'))
    symlinkSync('/', join(server.root, 'dirlink'))
    const remote = await open(server.config)
    const others = (await listed(remote, rootPath)).filter(({ kind }) => kind === 'other')
    expect(others.map((entry) => ('path' in entry ? entry.path : '')).sort()).toEqual(['dirlink', 'link'])
    expect((await failureOf(content(remote, parseRemotePath('link')))).code).toBe('wrong-kind')
    expect((await failureOf(listed(remote, parseRemotePath('dirlink')))).code).toBe('wrong-kind')
    await remote.remove(parseRemotePath('dirlink'), never)
    expect(statSync('/').isDirectory()).toBe(true)
    for (const name of ['outside', 'link']) rmSync(join(server.root, name))
    await remote.close()
  })

  it('reports a name that is not UTF-8 instead of changing it', async () => {
    const raw = Buffer.concat([Buffer.from(`${server.root}/`), Buffer.from([0x66, 0xff, 0x66])])
    writeFileSync(raw, 'x')
    const remote = await open(server.config)
    const invalid = (await listed(remote, rootPath)).filter(({ kind }) => kind === 'invalid-name')
    expect(invalid).toEqual([{ kind: 'invalid-name', dir: '', shown: 'f\uFFFDf' }])
    rmSync(raw)
    await remote.close()
  })

  it('takes a root that is absolute, relative or not there yet', async () => {
    for (const root of [join(server.root, 'new/root'), 'new/root', './new/root/']) {
      const remote = await open({ ...server.config, root })
      expect(await remote.stat(rootPath, never)).toBeNull()
      await remote.write(good, bigSource(10), 'create', never)
      expect(statSync(join(server.root, 'new/root/good.txt')).size).toBe(10)
      await remote.close()
      rmSync(join(server.root, 'new'), { recursive: true })
    }
  })
})

describe.runIf(isRoot && canMount())('sftp on a full disk', () => {
  it('says "quota-exceeded", keeps the old file and leaves no part', async () => {
    const small = await startOpenSsh({ quotaBytes: 4 * megabyte })
    try {
      const remote = await open(small.config)
      await remote.write(good, bigSource(1_000), 'create', never)
      const error = await failureOf(remote.write(good, bigSource(8 * megabyte), 'replace', never))
      expect(error.code).toBe('quota-exceeded')
      expect(readdirSync(small.root)).toEqual(['good.txt'])
      expect(statSync(join(small.root, 'good.txt')).size).toBe(1_000)
      await remote.close()
    } finally {
      await small.stop()
    }
  })
})

describe('sftp when nothing answers', () => {
  it('reports "unreachable" for a port where nobody listens', async () => {
    const server = await startHostileSftp('hang')
    await server.stop()
    expect((await failureOf(open(server.config))).code).toBe('unreachable')
  })

  it.each([
    ['says nothing', '', 'timeout'],
    ['speaks HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', null],
  ])('gives up on a server that %s', async (_what, greeting, code) => {
    const hostile = await startHostileSftp('hang')
    const silent: Server = createServer((socket) => {
      socket.on('error', () => undefined)
      if (greeting !== '') socket.end(greeting)
    })
    const host = '127.0.0.1'
    await new Promise<void>((resolve) => silent.listen(0, host, resolve))
    const address = silent.address()
    const port = typeof address === 'object' && address !== null ? String(address.port) : ''
    const fields = { ...hostile.config.fields, host, port }
    const error = await failureOf(impatient.open({ ...hostile.config, fields }, realDeps(), never))
    if (code === null) expect(['unreachable', 'unsupported']).toContain(error.code)
    else expect(error.code).toBe(code)
    silent.close()
    await hostile.stop()
  })

  it('can be aborted while it connects', async () => {
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address()
    const port = typeof address === 'object' && address !== null ? String(address.port) : ''
    const config = {
      fields: { host: '127.0.0.1', port, user: 'u' },
      secrets: {},
      hostKey: `SHA256:${'A'.repeat(43)}`,
      root: '',
    }
    const abort = new AbortController()
    const opening = failureOf(impatient.open(config, realDeps(), abort.signal))
    abort.abort()
    expect((await opening).code).toBe('cancelled')
    silent.close()
  })
})

describe('sftp with a hostile server', () => {
  async function against<T>(
    how: Hostility,
    work: (remote: Awaited<ReturnType<typeof open>>) => Promise<T>,
  ): Promise<T> {
    const server = await startHostileSftp(how)
    try {
      const remote = await impatient.open(server.config, realDeps(), never)
      try {
        return await work(remote)
      } finally {
        await remote.close()
      }
    } finally {
      await server.stop()
    }
  }

  it('turns names that reach outside into "invalid-name" entries', async () => {
    const entries = await against('traversal-names', (remote) => listed(remote, rootPath))
    expect(entries.filter(({ kind }) => kind === 'file')).toHaveLength(1)
    expect(entries.filter(({ kind }) => kind === 'invalid-name')).toHaveLength(evilNames.length)
  })

  it.each(['endless-listing', 'empty-replies'] as const)('ends a listing without end (%s)', async (how) => {
    const error = await against(how, (remote) => failureOf(listed(remote, rootPath)))
    expect(error.code).toBe('server-error')
  })

  it('does not take a name that no file system has', async () => {
    const [entry] = await against('huge-name', (remote) => listed(remote, rootPath))
    expect(entry?.kind === 'invalid-name' && entry.shown.length <= 1024).toBe(true)
  })

  it('never passes off a shorter file as the announced one', async () => {
    const error = await against('size-too-big', (remote) => failureOf(content(remote, good)))
    expect(error.code).toBe('source-changed')
  })

  it('sees that a server has forgotten what was written', async () => {
    const error = await against('forgets-writes', (remote) =>
      failureOf(remote.write(good, bigSource(5), 'replace', never)),
    )
    expect(error.code).toBe('integrity')
  })

  it('does not read what the server calls a link', async () => {
    const error = await against('links', (remote) => failureOf(content(remote, good)))
    expect(error.code).toBe('wrong-kind')
  })

  it('gives up on a read that is never answered', async () => {
    const error = await against('hang', (remote) => failureOf(content(remote, good)))
    expect(error.code).toBe('timeout')
  })

  it('ends the connection at a reply that nobody asked for', async () => {
    const error = await against('garbage', (remote) => failureOf(content(remote, good)))
    expect(error.code).toBe('server-error')
    expect(reactionOf(error.code)).toBe('retry')
  })
})

it('the test servers leave no user behind', () => {
  const owners = execFileSync('cat', ['/etc/passwd'], { encoding: 'utf8' })
  expect(owners).not.toMatch(new RegExp(`^fstest-[^:]*:[^:]*:[^:]*:[^:]*:${process.pid}:`, 'm'))
})
