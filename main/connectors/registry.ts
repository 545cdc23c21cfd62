import type { Connector } from '../core/remote/connector.ts'
import type { CredentialType } from '../model/credential-types.ts'
import { local } from './local/index.ts'
import { memory } from './memory/index.ts'
import { sftp } from './sftp/index.ts'

/** The folder of this machine: the other side of every job. */
export { local }

/** Connectors that a credential can be for, by its type. Credentials of the other types are kept and used by hand. */
const byType: Readonly<Partial<Record<CredentialType, Connector>>> = { sftp }

/** Every connector of the product, one per folder. */
export const connectors: readonly Connector[] = [local, memory, ...Object.values(byType)]

/** The connector that a credential of this type is used with, null when there is none. */
export function connectorFor(type: CredentialType): Connector | null {
  return byType[type] ?? null
}
