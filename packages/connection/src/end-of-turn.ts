// The end of a turn of the event loop, when everything that was sent in it is written.

/** Something with output to write. */
export interface Flushable {
  /** Must not throw. */
  flush(): void
}

let waiting: Flushable[] = []

/** Calls `flush` once the code that is running now has returned to the event loop. */
export function atEndOfTurn(flushable: Flushable): void {
  if (waiting.push(flushable) === 1) process.nextTick(flushWaiting)
}

function flushWaiting(): void {
  const flushables = waiting
  waiting = []
  for (const flushable of flushables) flushable.flush()
}
