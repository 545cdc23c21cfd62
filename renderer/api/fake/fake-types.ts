import type { CredentialTypeInfo, FieldInfo } from '../../../main/contract/calls.ts'

const field = (name: string, type: FieldInfo['type'], rules: Partial<FieldInfo> = {}): FieldInfo => ({
  required: false,
  advanced: false,
  multiline: false,
  choices: [],
  defaultValue: null,
  identifiesServer: false,
  ...rules,
  name,
  type,
})

const kind = (
  type: CredentialTypeInfo['type'],
  fields: FieldInfo[],
  rules: Partial<CredentialTypeInfo> = {},
): CredentialTypeInfo => ({
  connects: false,
  hasFreeSecrets: false,
  hasIdentity: false,
  ...rules,
  type,
  fields,
})

/** What the main side answers of its table of kinds; a test compares the two. */
export const fakeTypes: readonly CredentialTypeInfo[] = [
  kind(
    'sftp',
    [
      field('host', 'text', { required: true, identifiesServer: true }),
      field('port', 'number', { identifiesServer: true, defaultValue: '22' }),
      field('user', 'text', { required: true }),
      field('password', 'secret'),
      field('privateKey', 'secret', { multiline: true }),
      field('passphrase', 'secret'),
      field('certificate', 'text', { advanced: true, multiline: true }),
      field('publicKey', 'text', { advanced: true }),
      field('keyFile', 'file', { advanced: true }),
      field('agent', 'boolean', { advanced: true, defaultValue: 'false' }),
      field('notes', 'secret', { multiline: true }),
    ],
    { connects: true, hasIdentity: true },
  ),
  kind('smb', [
    field('host', 'text', { required: true, identifiesServer: true }),
    field('port', 'number', { identifiesServer: true, defaultValue: '445' }),
    field('share', 'text', { required: true }),
    field('domain', 'text', { advanced: true }),
    field('user', 'text', { required: true }),
    field('password', 'secret'),
    field('notes', 'secret', { multiline: true }),
  ]),
  kind('webdav', [
    field('url', 'text', { required: true, identifiesServer: true }),
    field('user', 'text'),
    field('password', 'secret'),
    field('bearerToken', 'secret'),
    field('notes', 'secret', { multiline: true }),
  ]),
  kind('ftp', [
    field('host', 'text', { required: true, identifiesServer: true }),
    field('port', 'number', { identifiesServer: true, defaultValue: '21' }),
    field('tls', 'choice', {
      identifiesServer: true,
      choices: ['explicit', 'implicit', 'none'],
      defaultValue: 'explicit',
    }),
    field('user', 'text', { required: true }),
    field('password', 'secret'),
    field('notes', 'secret', { multiline: true }),
  ]),
  kind('s3', [
    field('endpoint', 'text', { identifiesServer: true }),
    field('region', 'text'),
    field('bucket', 'text', { required: true }),
    field('accessKeyId', 'text', { required: true }),
    field('secretAccessKey', 'secret'),
    field('sessionToken', 'secret', { advanced: true, multiline: true }),
    field('pathStyle', 'boolean', { advanced: true, defaultValue: 'false' }),
    field('notes', 'secret', { multiline: true }),
  ]),
  kind('oauth', [
    field('provider', 'choice', {
      identifiesServer: true,
      choices: ['google-drive', 'onedrive', 'dropbox', 'box', 'other'],
      defaultValue: 'google-drive',
    }),
    field('account', 'text', { identifiesServer: true }),
    field('clientId', 'text', { advanced: true }),
    field('clientSecret', 'secret', { advanced: true }),
    field('token', 'secret', { multiline: true }),
    field('notes', 'secret', { multiline: true }),
  ]),
  kind(
    'generic',
    [
      field('user', 'text'),
      field('url', 'text'),
      field('password', 'secret'),
      field('notes', 'secret', { multiline: true }),
    ],
    { hasFreeSecrets: true },
  ),
]
