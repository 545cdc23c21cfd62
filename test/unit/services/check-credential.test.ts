import { describe, expect, it } from 'vitest'
import { AppError } from '../../../main/model/app-error.ts'
import { certificateFile } from '../../helpers/certificates.ts'
import { checkCredential } from '../../../main/services/check-credential.ts'

const good = { type: 'sftp' as const, fields: { host: 'nas', user: 'anna' }, secretNames: ['password'] }
const withFields = (fields: Readonly<Record<string, string>>) => ({
  ...good,
  fields: { ...good.fields, ...fields },
})

function errorOf(act: () => void): AppError {
  try {
    act()
  } catch (error) {
    if (error instanceof AppError) return error
  }
  throw new Error('no error of ours was thrown')
}

describe('checkCredential', () => {
  it('takes what the kind of server has', () => {
    const fields = { host: 'nas', user: 'anna', port: '2222', agent: 'true', keyFile: '/k' }
    expect(() => checkCredential({ ...good, fields })).not.toThrow()
    expect(() => checkCredential({ ...good, secretNames: [] })).not.toThrow()
    const certificate = certificateFile('user-ed25519-cert.pub')
    expect(() => checkCredential(withFields({ certificate }))).not.toThrow()
    expect(() => checkCredential(withFields({ port: '' }))).not.toThrow()
  })

  it.for([
    ['an unknown field', withFields({ hots: 'nas' }), 'hots'],
    ['a secret among the fields', withFields({ password: 'hunter2' }), 'password'],
    ['an unknown secret', { ...good, secretNames: ['pasword'] }, 'pasword'],
    ['a field among the secrets', { ...good, secretNames: ['host'] }, 'host'],
    ['no host', { ...good, fields: { user: 'anna' } }, 'host'],
    ['an empty user', withFields({ user: '' }), 'user'],
    ['port 0', withFields({ port: '0' }), 'port'],
    ['port 65536', withFields({ port: '65536' }), 'port'],
    [
      'a certificate of a server',
      withFields({ certificate: certificateFile('host-ed25519-cert.pub') }),
      'certificate',
    ],
    ['a port in words', withFields({ port: 'ssh' }), 'port'],
    ['an agent that is neither true nor false', withFields({ agent: 'yes' }), 'agent'],
  ] as const)('refuses %s, naming the field and not its value', ([, content, field]) => {
    const error = errorOf(() => checkCredential(content))
    expect(error).toMatchObject({ code: 'bad-request', details: { field } })
    expect(JSON.stringify([error.message, error.details])).not.toContain('hunter2')
  })
})
