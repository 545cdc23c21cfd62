import * as z from 'zod'
import { AppError } from '../../model/app-error.ts'
import { Uuid } from '../../model/ids.ts'
import { GuardHit } from '../../model/run.ts'
import { equalBytes, utf8 } from '../crypto/bytes.ts'
import { hmacSha256, sha256Hex } from '../crypto/sha256.ts'
import type { Database } from '../ports/database.ts'
import { PlanStep } from './plan.ts'

const KEPT_PLANS = 5
/** A plan older than this describes folders that nobody remembers. */
const MAX_AGE_MS = 7 * 24 * 60 * 60 * 1000
/** Steps per row, so that neither a plan nor its text has to be in memory as one string. */
const STEPS_PER_PART = 500

/** Everything about a stored plan except its steps. */
export const PlanHeader = z.object({
  v: z.literal(1),
  id: Uuid,
  job: Uuid,
  /** Milliseconds since 1970. */
  created: z.int(),
  /** When the scan began; a file written since then may bear the time that the plan saw. */
  scannedAt: z.int(),
  /** Names roots, mode, direction, filters and safety folder of the job as they were; see `jobSignature`. */
  signature: z.string(),
  guards: z.array(GuardHit),
  /** What told the roots apart when the plan was made. */
  sourceIdentity: z.string().nullable(),
  targetMarker: z.string().nullable(),
  /** True when everything could be read. */
  isComplete: z.boolean(),
  steps: z.int().min(0),
})
export type PlanHeader = z.infer<typeof PlanHeader>

export type StoredPlan = { readonly header: PlanHeader; readonly steps: readonly PlanStep[] }

const Part = z.array(PlanStep)

/** Stored plans of one job. `planKey` (32 bytes) is only read here; its owner wipes it. */
export type PlanStore = {
  /** Keeps the plan under `header.id` and drops the oldest ones. */
  save(plan: StoredPlan): void
  /**
   * The plan exactly as it was stored. Throws AppError `unknown-name` when there is none, it is older than 7 days, or the job has
   * been changed since; `bad-request` when it is not what this key wrote.
   */
  load(id: string, signature: string, now: number): StoredPlan
  remove(id: string): void
}

export function createPlanStore(database: Database, planKey: Uint8Array): PlanStore {
  const remove = (id: string): void => {
    database.run('DELETE FROM plan_parts WHERE plan = ?', id)
    database.run('DELETE FROM plans WHERE id = ?', id)
  }
  return {
    save({ header, steps }) {
      const headerText = JSON.stringify(header)
      const parts: string[] = []
      for (let start = 0; start < steps.length; start += STEPS_PER_PART) {
        parts.push(JSON.stringify(steps.slice(start, start + STEPS_PER_PART)))
      }
      const mac = macOf(planKey, headerText, parts)
      database.transaction(() => {
        remove(header.id)
        const plan = 'INSERT INTO plans (id, created, header, mac) VALUES (?, ?, ?, ?)'
        database.run(plan, header.id, header.created, headerText, mac)
        const part = 'INSERT INTO plan_parts (plan, seq, steps) VALUES (?, ?, ?)'
        parts.forEach((text, seq) => database.run(part, header.id, seq, text))
        const old = database.all('SELECT id FROM plans ORDER BY created DESC LIMIT -1 OFFSET ?', KEPT_PLANS)
        for (const { id } of old) remove(String(id))
      })
    },
    load(id, signature, now) {
      const row = database.get('SELECT header, mac FROM plans WHERE id = ?', id)
      if (row === null) throw new AppError('unknown-name', 'load plan: no stored plan has this id')
      const headerText = String(row['header'])
      const parts = database
        .all('SELECT steps FROM plan_parts WHERE plan = ? ORDER BY seq', id)
        .map((part) => String(part['steps']))
      const { mac } = row
      if (!(mac instanceof Uint8Array) || !equalBytes(mac, macOf(planKey, headerText, parts))) {
        throw new AppError('bad-request', 'load plan: the stored plan is not authentic')
      }
      const header = PlanHeader.parse(JSON.parse(headerText))
      if (header.id !== id) throw new AppError('bad-request', 'load plan: the stored plan has another id')
      if (header.signature !== signature) {
        throw new AppError('unknown-name', 'load plan: the job has been changed since')
      }
      // A clock set back makes a plan look as if it came from the future; its age is unknown then.
      if (Math.abs(now - header.created) > MAX_AGE_MS) {
        throw new AppError('unknown-name', 'load plan: older than 7 days')
      }
      return { header, steps: parts.flatMap((text) => Part.parse(JSON.parse(text))) }
    },
    remove,
  }
}

/** Covers the header, the order and the content of all parts. */
function macOf(planKey: Uint8Array, headerText: string, parts: readonly string[]): Uint8Array {
  const lines = ['fernsync-plan/1', headerText, ...parts.map((text) => sha256Hex(utf8(text)))]
  return hmacSha256(planKey, utf8(lines.join('\n')))
}
