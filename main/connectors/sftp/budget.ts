/** A number of bytes that several transfers share. Never waits: who gets nothing goes on with what it has. */
export type Budget = {
  tryTake(bytes: number): boolean
  /** Takes beyond the limit: the one request that every transfer may always have, or it could wait for ever. */
  force(bytes: number): void
  release(bytes: number): void
}

export function createBudget(limit: number): Budget {
  let used = 0
  return {
    tryTake(bytes) {
      if (used + bytes > limit) return false
      used += bytes
      return true
    },
    force(bytes) {
      used += bytes
    },
    release(bytes) {
      used -= bytes
    },
  }
}
