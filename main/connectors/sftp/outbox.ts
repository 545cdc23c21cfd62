/**
 * Joins small requests that are made in one turn of the event loop: each call of `write` costs an encrypted SSH packet of its own,
 * and with thousands of small files that is where the time went. Big packets are passed on as they are. Order is kept.
 */

/** OpenSSH takes 32 KiB of channel data in one SSH packet. */
const batchLength = 32 * 1024

export type Outbox = {
  /** `packet` must stay unchanged until the server has answered it. */
  add(packet: Buffer): void
  /** Forgets what is not sent yet. */
  clear(): void
}

export function createOutbox(write: (packets: readonly Buffer[]) => void): Outbox {
  let queue: Buffer[] = []
  let batch: Buffer[] = []
  let batched = 0
  let scheduled = false

  function closeBatch(): void {
    const [only] = batch
    if (only === undefined) return
    queue.push(batch.length === 1 ? only : Buffer.concat(batch, batched))
    batch = []
    batched = 0
  }

  function flush(): void {
    scheduled = false
    closeBatch()
    const packets = queue
    queue = []
    if (packets.length > 0) write(packets)
  }

  return {
    add(packet) {
      if (batched + packet.length > batchLength) closeBatch()
      batch.push(packet)
      batched += packet.length
      if (scheduled) return
      scheduled = true
      // After all replies that have arrived together were handled, so that their follow-ups leave together too.
      setImmediate(flush)
    },
    clear() {
      queue = []
      batch = []
      batched = 0
    },
  }
}
