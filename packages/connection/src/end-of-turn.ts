// The end of a turn of the event loop: what was sent in it leaves together.

/** What has something to write. Must not throw. */
export interface Flushable {
  flush(): void
}

let waiting: Flushable[] = []

/** Has it flushed when the code that is running now has run to its end. */
export function atEndOfTurn(flushable: Flushable): void {
  if (waiting.push(flushable) === 1) process.nextTick(flushWaiting)
}

function flushWaiting(): void {
  const flushables = waiting
  waiting = []
  for (const flushable of flushables) flushable.flush()
}
