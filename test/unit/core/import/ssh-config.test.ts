import { describe, expect, it } from 'vitest'
import { lookUpSshHost } from '../../../../main/core/import/ssh-config.ts'

const found = (config: string, host: string) => Object.fromEntries(lookUpSshHost(config, host))

describe('lookUpSshHost', () => {
  it('takes the first value of a keyword, in any case and both notations', () => {
    const config = 'User early\nHost nas\n  PORT=2222\n  user late\n  HostName = "a b"\nHost *\n  Port 22\n'
    expect(found(config, 'nas')).toEqual({ user: 'early', port: '2222', hostname: 'a b' })
    expect(found(config, 'other')).toEqual({ user: 'early', port: '22' })
  })

  it.for([
    ['*', 'nas', true],
    ['n?s', 'nas', true],
    ['n?s', 'ns', false],
    ['nas.example', 'nasXexample', false],
    ['* !nas', 'nas', false],
    ['* !nas', 'box', true],
    ['!nas', 'box', false],
    ['box NAS', 'nas', true],
  ] as const)('matches Host %s with %s: %s', ([pattern, host, matches]) => {
    expect(found(`Host ${pattern}\n  User anna\n`, host)).toEqual(matches ? { user: 'anna' } : {})
  })

  it('passes over Match blocks, comments and Windows line ends', () => {
    const config = '# Host nas\r\nMatch exec "evil"\r\n  User evil\r\nHost nas\r\n  User anna\r\n'
    expect(found(config, 'nas')).toEqual({ user: 'anna' })
  })
})
