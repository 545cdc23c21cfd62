import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTargetLine } from '../../../main/services/target-line.ts'

const config = `
Host nas
  HostName nas.example.org
  User anna
  Port 2222
  IdentityFile ~/.ssh/nas
Host *.lan
  HostName %h.example.org
`

describe('parseTargetLine', () => {
  const nothing = { port: null, user: null, path: null, identityFile: null }

  it.for([
    ['nas.example.org', { host: 'nas.example.org' }],
    ['anna@nas', { host: 'nas', user: 'anna' }],
    ['ssh anna@nas -p 2222', { host: 'nas', user: 'anna', port: '2222' }],
    ['ssh -p2222 nas', { host: 'nas', port: '2222' }],
    ['ssh -l anna nas', { host: 'nas', user: 'anna' }],
    ['sftp -P 2222 anna@nas:photos/2026', { host: 'nas', user: 'anna', port: '2222', path: 'photos/2026' }],
    ['sftp://anna@nas:2222/photos', { host: 'nas', user: 'anna', port: '2222', path: '/photos' }],
    ['SFTP://an%20na@nas/', { host: 'nas', user: 'an na' }],
    ['ssh://[::1]:22', { host: '::1', port: '22' }],
    ['  nas  ', { host: 'nas' }],
  ] as const)('reads %j', ([line, found]) => {
    expect(parseTargetLine(line, null)).toEqual({ ...nothing, ...found })
  })

  it.for([
    '',
    '   ',
    'ssh',
    'ssh -p',
    'ssh a b',
    'ssh -p abc nas',
    'sftp://',
    '-oProxyCommand=evil',
    'ssh -v',
  ])('finds no host in %j', (line) => {
    expect(parseTargetLine(line, null)).toBeNull()
  })

  it('takes from the SSH configuration what the line leaves open', () => {
    expect(parseTargetLine('nas', config)).toEqual({
      host: 'nas.example.org',
      port: '2222',
      user: 'anna',
      path: null,
      identityFile: '~/.ssh/nas',
    })
    expect(parseTargetLine('ben@nas -p 22', config)).toMatchObject({ user: 'ben', port: '22' })
    expect(parseTargetLine('box.lan', config)).toMatchObject({ host: 'box.lan.example.org' })
  })

  it.for(['ssh -i /etc/shadow nas', 'ssh -i/etc/shadow nas', 'sftp -i /etc/shadow nas:docs'])(
    'takes no key file from %j, only from the SSH configuration',
    (line) => {
      expect(parseTargetLine(line, null)).toMatchObject({ host: 'nas', identityFile: null })
      expect(parseTargetLine(line, config)).toMatchObject({ identityFile: '~/.ssh/nas' })
      expect(parseTargetLine(line, 'Host nas\n IdentityFile none')).toMatchObject({ identityFile: null })
    },
  )

  it.for(['sftp://nas/%zz', 'sftp://an%@nas/docs', 'ssh://nas/%e0%a4%a'])(
    'answers null for %j, which no one can decode',
    (line) => {
      expect(parseTargetLine(line, null)).toBeNull()
    },
  )

  it('takes no key file from the line: only the person and their configuration name files of this computer', () => {
    expect(parseTargetLine('ssh -i /etc/shadow anna@box', config)).toMatchObject({ identityFile: null })
    expect(parseTargetLine('nas', 'Host nas\n  IdentityFile none\n')).toMatchObject({ identityFile: null })
  })

  it('never throws, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('', 'ssh ', 'sftp://', 'sftp://%'), (text, before) => {
        const found = parseTargetLine(before + text, config)
        if (found !== null) expect(found.host).not.toBe('')
      }),
    )
  })
})
