import * as z from 'zod'
import { sha256Hex } from '../core/crypto/sha256.ts'
import { utf8 } from '../core/crypto/bytes.ts'
import { daysUntil, expiryCure, expiryTone, expiryWords } from '../messages/en/expiry.ts'
import { AppError } from '../model/app-error.ts'
import type { Credential } from '../model/credential.ts'
import type { ServicePorts } from './service-ports.ts'

export type ExpiryReminders = {
  /** Tells of every credential whose end came near or came, once each; then again every hour while unlocked. Never rejects. */
  check(): Promise<void>
}

const hourMs = 60 * 60_000
const factName = 'expiry-told'
const Told = z.record(z.string(), z.string())

/**
 * One notification 14 days before a credential ends and one on the day. What was told is remembered in state.sqlite, as a hash:
 * dates of credentials are nothing that stands there in clear.
 */
export function createExpiryReminders(
  ports: Pick<ServicePorts, 'store' | 'notifier' | 'emit' | 'clock' | 'vault' | 'log'>,
): ExpiryReminders {
  const { store, notifier, emit, clock, vault, log } = ports
  let stopTimer = (): void => {}

  const readTold = (): Readonly<Record<string, string>> => {
    try {
      return Told.parse(JSON.parse(store.getFact(factName) ?? '{}'))
    } catch {
      return {}
    }
  }

  const show = ({ id, name }: Credential, days: number): void => {
    notifier.show({
      key: noticeKey(id),
      title: name,
      body: `${expiryWords(days)}. ${expiryCure}`,
      onClick: () => {
        emit('app.navigate', { path: `/servers/${id}` })
      },
    })
  }

  const tellAll = (credentials: readonly Credential[]): void => {
    const before = readTold()
    const after: Record<string, string> = {}
    for (const credential of credentials) {
      const { id, expires } = credential
      if (expires === null) continue
      const days = daysUntil(expires, clock.now())
      const stage = expiryTone(days)
      const mark = markOf(id, expires, stage)
      if (stage === 'later') notifier.clear(noticeKey(id))
      else if (before[id] !== mark) show(credential, days)
      if (stage !== 'later') after[id] = mark
    }
    for (const id of Object.keys(before)) if (after[id] === undefined) notifier.clear(noticeKey(id))
    if (JSON.stringify(before) !== JSON.stringify(after)) store.setFact(factName, JSON.stringify(after))
  }

  const check = async (): Promise<void> => {
    stopTimer()
    if (!vault.isUnlocked()) return
    stopTimer = clock.setTimer(hourMs, () => void check())
    try {
      tellAll(await vault.unlocked().listCredentials())
    } catch (error) {
      log.warn('expiry.not-checked', { code: error instanceof AppError ? error.code : 'internal' })
    }
  }
  return { check }
}

function noticeKey(id: string): string {
  return `expiry:${id}`
}

function markOf(id: string, expires: string, stage: string): string {
  return sha256Hex(utf8(`${id} ${expires} ${stage}`)).slice(0, 32)
}
