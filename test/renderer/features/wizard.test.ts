import { afterEach, describe, expect, it } from 'vitest'
import { openPage, settle, type Page } from '../page.ts'

let page: Page
afterEach(() => page.close())

const made = () =>
  page.calls.map(({ name }) => name).filter((name) => name === 'credentials.add' || name === 'jobs.add')

async function toSignIn(line = 'ssh mira@nas.home.arpa -p 2222'): Promise<void> {
  page = await openPage('/welcome', 'empty')
  await page.click('Add your first server')
  await page.type('Server address', line)
  await page.submit()
}

async function toFolders(): Promise<void> {
  await toSignIn()
  page.field('It is the same').click()
  await page.type('Password', 'tidal ember')
  await page.submit()
}

async function toSchedule(): Promise<void> {
  await toFolders()
  await page.click('Choose folder…')
  await page.click('backup')
  await page.submit()
  await page.submit()
}

describe('the first steps', () => {
  it('say so when a line names no server', async () => {
    await toSignIn('???')
    expect(page.text()).toContain('This does not look like the address of a server.')
  })

  it('send no secret before the identity is trusted', async () => {
    await toSignIn()
    await page.type('Password', 'tidal ember')
    await page.submit()
    expect(page.text()).toContain('Confirm the identity first.')
    expect(page.calls.some(({ name }) => name === 'credentials.testDraft')).toBe(false)
  })

  it('forget the identity when the address changes', async () => {
    await toSignIn()
    page.field('It is the same').click()
    await page.type('Host name or address', 'other.home.arpa')
    expect(page.text()).toContain('The address changed')
    expect(page.button('Test and save').hasAttribute('disabled')).toBe(true)
  })

  it.each([
    ['known.home.arpa', 'The same as in your known_hosts file.'],
    ['differs.home.arpa', 'Your known_hosts file names another identity for this server.'],
  ])('compare the identity of %s with known_hosts', async (host, words) => {
    await toSignIn(`ssh mira@${host}`)
    expect(page.text()).toContain(words)
  })

  it('test and store with the pinned identity, and no secret stays in the page', async () => {
    await toFolders()
    expect(page.calls.find(({ name }) => name === 'credentials.add')?.input).toMatchObject({
      draft: {
        fields: { host: 'nas.home.arpa', port: '2222', user: 'mira' },
        hostKey: expect.any(String) as string,
      },
      secrets: { password: new TextEncoder().encode('tidal ember') },
    })
    expect(document.body.innerHTML).not.toContain('tidal ember')
    expect([...document.querySelectorAll('input')].map(({ value }) => value)).not.toContain('tidal ember')
  })

  it('test and store a key with its certificate', async () => {
    await toSignIn()
    page.field('It is the same').click()
    page.field('Paste key').click()
    await settle()
    await page.type('Private key', 'the key')
    await page.type('SSH certificate', ' ssh-ed25519-cert-v01@openssh.com AAAA anna ')
    await page.submit()
    const fields = { certificate: 'ssh-ed25519-cert-v01@openssh.com AAAA anna' }
    for (const name of ['credentials.testDraft', 'credentials.add'] as const)
      expect(page.calls.find((call) => call.name === name)?.input).toMatchObject({
        draft: { fields },
        secrets: { privateKey: new TextEncoder().encode('the key') },
      })
  })

  it('store nothing when the test fails', async () => {
    await toSignIn()
    page.field('It is the same').click()
    await page.type('Password', 'wrong one')
    await page.submit()
    expect(page.text()).toContain('The server refused this sign-in.')
    expect(made()).toEqual([])
  })

  it('keep nothing when left before the test', async () => {
    await toSignIn()
    await page.click('Leave')
    expect(made()).toEqual([])
    expect(page.text()).toContain('No jobs yet')
  })

  it('keep the server and no job when left at the folders', async () => {
    await toFolders()
    await page.click('Leave')
    expect(made()).toEqual(['credentials.add'])
    await page.router.push('/servers')
    await page.click('Jobs')
    expect(page.text()).toContain('No jobs yet')
  })

  it('ask for a local folder before going on', async () => {
    await toFolders()
    await page.submit()
    expect(page.text()).toContain('Choose a folder on this computer.')
  })

  it('keep no job when left before it is complete', async () => {
    await toSchedule()
    await page.click('Leave')
    expect(made()).toEqual(['credentials.add'])
  })

  it('make the job once, with the token of the folder and never its path', async () => {
    await toSchedule()
    page.button('Create job').click()
    await page.click('Create job')
    const added = page.calls.filter(({ name }) => name === 'jobs.add').map(({ input }) => input)
    expect(added).toEqual([
      {
        draft: {
          name: 'Documents – nas.home.arpa',
          credential: expect.any(String) as string,
          remote: 'backup',
          mode: 'copy',
          direction: 'push',
          schedule: 'manual',
          zone: expect.any(String) as string,
          whenLocked: 'until-quit',
        },
        localToken: '0123456789abcdef0123456789abcdef',
      },
    ])
  })

  it('keep the job when left at the preview, and run exactly the plan that is shown', async () => {
    await toSchedule()
    await page.submit()
    expect(page.text()).toContain('343')
    await page.click('Run this plan')
    expect(page.calls.find(({ name }) => name === 'jobs.run')?.input).toMatchObject({
      approve: 'e0000000-0000-4000-8000-000000000002',
    })
    await page.click('Leave')
    expect(page.text()).toContain('Documents – nas.home.arpa')
  })

  it('ask what may happen while locked only when there is a schedule', async () => {
    await toSchedule()
    expect(page.text()).not.toContain('Keep running until I quit')
    page.field('Daily').click()
    await settle()
    expect(page.text()).toContain('Wait until I unlock')
  })
})
