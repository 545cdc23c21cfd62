import { describe, expect, it } from 'vitest'
import { checkLocalRoot, isWithin } from '../../../../main/core/jobs/local-root.ts'

const anna = { userHome: '/home/anna', fernsyncHome: '/home/anna/.config/Fernsync' }
const root = { userHome: '/root', fernsyncHome: '/root/.config/Fernsync' }
const mac = { userHome: '/Users/anna', fernsyncHome: '/Users/anna/Library/Application Support/Fernsync' }
const windows = {
  userHome: 'C:\\Users\\anna',
  fernsyncHome: 'C:\\Users\\anna\\AppData\\Roaming\\Fernsync',
}
const elsewhere = { userHome: '/data/people/anna', fernsyncHome: '/srv/fernsync' }

describe('checkLocalRoot', () => {
  it.for([
    ['/', anna],
    ['//', anna],
    ['/home', anna],
    ['/home/', anna],
    ['/home/anna', anna],
    ['/home/anna/.config/Fernsync', anna],
    ['/home/anna/.config/Fernsync/device', anna],
    ['/home', root],
    ['/Users', root],
    ['/var/home', root],
    ['/export/home', root],
    ['/Users', mac],
    ['/users', mac],
    ['/data/people', elsewhere],
    ['/data', elsewhere],
    ['/home', elsewhere],
    ['C:\\', windows],
    ['C:\\Users', windows],
    ['c:/users/', windows],
    ['D:\\Users', windows],
    ['c:\\users\\ANNA\\appdata', windows],
  ] as const)('refuses %j with %j', ([path, places]) => {
    expect(() => {
      checkLocalRoot(path, places)
    }).toThrow(expect.objectContaining({ code: 'unsafe-root' }))
  })

  it.for([
    ['/home/anna/docs', anna],
    ['/homework', anna],
    ['/home/anna/.config/Fernsync-old', anna],
    ['/home/ben', root],
    ['/srv/home', anna],
    ['/data/people/anna', elsewhere],
    ['C:\\Users\\anna\\Documents', windows],
    ['C:\\UsersOld', windows],
  ] as const)('takes %j with %j', ([path, places]) => {
    expect(() => {
      checkLocalRoot(path, places)
    }).not.toThrow()
  })
})

describe('isWithin', () => {
  it('counts a folder as within itself and a name that only begins alike as outside', () => {
    expect([isWithin('/a/b', '/a/b/'), isWithin('/a/b/c', '/a/b'), isWithin('/a/bc', '/a/b')]).toEqual([
      true,
      true,
      false,
    ])
  })

  it('tells cases apart where the system does', () => {
    expect([isWithin('C:\\A\\b', 'c:/a'), isWithin('/A/b', '/a')]).toEqual([true, false])
  })
})
