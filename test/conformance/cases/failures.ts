import { inspect } from 'node:util'
import { expect } from 'vitest'
import { reactionOf } from '../../../main/model/error-codes.ts'
import { at, bytesOf, drain, expectCode, never, pattern, put, rejection } from '../suite.ts'
import type { FailureProbes, RemoteCase } from '../suite.ts'

type ProbeName = keyof FailureProbes

const given =
  (name: ProbeName): NonNullable<RemoteCase['needs']> =>
  (_remote, probes) =>
    probes[name] !== undefined

/** Makes the probe; `needs` has made sure that it is there. */
async function probe<K extends ProbeName>(
  probes: FailureProbes,
  name: K,
): Promise<Awaited<ReturnType<NonNullable<FailureProbes[K]>>>> {
  const make = probes[name]
  if (make === undefined) throw new Error(`no probe ${name}`)
  // `make` is the member of K; TypeScript does not follow an indexed call back to K.
  return (await make()) as Awaited<ReturnType<NonNullable<FailureProbes[K]>>>
}

export const failureCases: readonly RemoteCase[] = [
  {
    name: 'says "auth-failed" for a wrong password after one attempt and repeats the password nowhere',
    group: 'I',
    needs: given('wrongPassword'),
    async run({ probes }) {
      const { open, attempts, canary, release } = await probe(probes, 'wrongPassword')
      try {
        const error = await rejection(open())
        expect(error.code).toBe('auth-failed')
        expect(attempts()).toBe(1)
        expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(canary)
      } finally {
        await release()
      }
    },
  },
  {
    name: 'says "unreachable" when nothing listens',
    group: 'I',
    needs: given('closedPort'),
    async run({ probes }) {
      const { open, release } = await probe(probes, 'closedPort')
      try {
        const error = await rejection(open())
        expect(error.code).toBe('unreachable')
        expect(error.cause).toBeInstanceOf(Error)
      } finally {
        await release()
      }
    },
  },
  {
    name: 'says "untrusted-server" with the fingerprint and sends no credential to an unknown server',
    group: 'I',
    needs: given('unknownServer'),
    async run({ probes }) {
      const { open, credentialSent, release } = await probe(probes, 'unknownServer')
      try {
        const error = await rejection(open())
        expect(error.code).toBe('untrusted-server')
        expect(error.fingerprint).toMatch(/^SHA256:\S{43}$/)
        expect(credentialSent()).toBe(false)
      } finally {
        await release()
      }
    },
  },
  {
    name: 'fails with a code of a lost connection, not with a short file, when the connection is cut',
    group: 'I',
    needs: given('cutConnection'),
    async run({ probes }) {
      const { open, cut, release } = await probe(probes, 'cutConnection')
      try {
        const remote = await open()
        await put(remote, 'cut.bin', pattern(8_000_000))
        const read = async (): Promise<void> => {
          let first = true
          for await (const chunk of remote.read(at('cut.bin'), 0, never)) {
            if (first && chunk.length > 0) await cut()
            first = false
          }
        }
        const { code } = await rejection(read())
        expect(code === 'closed' || reactionOf(code) === 'retry').toBe(true)
        const later = await rejection(drain(remote.list(at(''), never)))
        expect(later.code === 'closed' || reactionOf(later.code) === 'retry').toBe(true)
        await remote.close()
      } finally {
        await release()
      }
    },
  },
  {
    name: 'says "permission-denied" where it may only read',
    group: 'I',
    needs: given('readOnly'),
    async run({ probes }) {
      const { open, file, release } = await probe(probes, 'readOnly')
      try {
        const remote = await open()
        expect((await bytesOf(remote, file)).length).toBeGreaterThan(0)
        await expectCode(put(remote, 'new.txt', 'x'), 'permission-denied')
        await expectCode(put(remote, file, 'x', { mode: 'replace' }), 'permission-denied')
        await expectCode(remote.remove(at(file), never), 'permission-denied')
        await remote.close()
      } finally {
        await release()
      }
    },
  },
]
