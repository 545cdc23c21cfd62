import type { RemoteCase } from '../suite.ts'
import { contentCases } from './content.ts'
import { failureCases } from './failures.ts'
import { lifeCases } from './life.ts'
import { listCases } from './list.ts'
import { nameCases } from './names.ts'
import { optionalCases } from './optional.ts'
import { removalCases } from './removal.ts'
import { safetyCases } from './safety.ts'
import { statCases } from './stat.ts'

/** The whole suite, in the order of its groups. */
export const remoteCases: readonly RemoteCase[] = [
  ...lifeCases,
  ...statCases,
  ...listCases,
  ...contentCases,
  ...nameCases,
  ...safetyCases,
  ...removalCases,
  ...optionalCases,
  ...failureCases,
]
