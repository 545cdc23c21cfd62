import type { Connector } from '../core/remote/connector.ts'
import type { CredentialType } from '../model/credential.ts'
import { local } from './local/index.ts'
import { memory } from './memory/index.ts'
import { sftp } from './sftp/index.ts'

/** The folder of this machine: the other side of every job. */
export { local }

/** Connectors that a credential can be for, by its type. */
const byType: Readonly<Record<CredentialType, Connector>> = { sftp }

/** Every connector of the product, one per folder. */
export const connectors: readonly Connector[] = [local, memory, ...Object.values(byType)]

/** The types of credential that have a connector: all of them. */
// Object.keys forgets that these are the keys of the record above.
export const credentialKinds = Object.keys(byType) as readonly CredentialType[]

/** The connector that a credential of this type is used with. */
export function connectorFor(type: CredentialType): Connector {
  return byType[type]
}
