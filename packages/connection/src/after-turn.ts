// The time after a turn of the event loop, promises included, when input that is still held is
// looked at. Handlers that settle within the turn have settled by then.

/** A connection whose input may be held. */
export interface Scannable {
  /** Must not throw. */
  scan(): void
}

let waiting: Scannable[] = []

/** Calls `scan` once this turn is over. */
export function afterTurn(scannable: Scannable): void {
  if (waiting.push(scannable) === 1) setImmediate(scanWaiting)
}

function scanWaiting(): void {
  const scannables = waiting
  waiting = []
  for (const scannable of scannables) scannable.scan()
}
