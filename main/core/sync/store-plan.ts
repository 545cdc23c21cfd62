import type { GuardHit } from '../../model/run.ts'
import type { Prepared } from './prepare.ts'
import type { Roots } from './roots.ts'
import type { Session } from './session.ts'

export type PlanToStore = {
  readonly id: string
  readonly prepared: Prepared
  readonly roots: Roots
  readonly guards: readonly GuardHit[]
}

/** Keeps a plan so that exactly it can be approved within 7 days, at these roots, while the job stays as it is. */
export function storePlan(session: Session, { id, prepared, roots, guards }: PlanToStore): void {
  const { draft, scannedAt } = prepared
  session.plans.save({
    header: {
      v: 1,
      id,
      job: session.context.job.id,
      created: session.context.clock.now(),
      scannedAt,
      signature: session.signature,
      guards: [...guards],
      sourceIdentity: roots.sourceIdentity,
      targetMarker: roots.targetMarker,
      isComplete: draft.isComplete,
      steps: draft.steps.length,
    },
    steps: draft.steps,
  })
}
