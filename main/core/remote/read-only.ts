import { RemoteError } from './remote-error.ts'
import type { Remote } from './remote.ts'
import { wrapRemote } from './wrap-remote.ts'
import type { CallName } from './wrap-remote.ts'

/** Written as a table so that a new method does not compile until somebody says which it is. */
const isMutation: Readonly<Record<CallName, boolean>> = {
  stat: false,
  hash: false,
  usage: false,
  rootIdentity: false,
  write: true,
  remove: true,
  mkdir: true,
  rmdir: true,
  move: true,
  link: true,
  copy: true,
  setModTime: true,
  makeDurable: true,
}

/** For previews: every call that could change something rejects with `internal`, because making it is a bug of ours. */
export function readOnly(inner: Remote): Remote {
  return wrapRemote(inner, {
    call: (call, work) =>
      isMutation[call.name]
        ? Promise.reject(new RemoteError('internal', `${call.name} ${call.path}: on a read-only remote`))
        : work(inner),
    stream: (_call, start) => start(inner),
    close: () => inner.close(),
  })
}
