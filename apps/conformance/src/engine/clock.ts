// Deadlines in time that this process could run. While the machine is too busy to run it, the peer
// is probably not running either, and must not fail because of that.

/** Milliseconds between two looks at the clock, and the most that one look counts. */
const STEP = 20
const LONGEST_STEP = 25

interface Deadline {
  readonly at: number
  readonly callback: () => void
}

const deadlines = new Set<Deadline>()
let now = 0
let last = 0
let ticker: NodeJS.Timeout | undefined

/** Calls back after this many milliseconds of running time. Returns a function that cancels it. */
export function after(milliseconds: number, callback: () => void): () => void {
  const deadline = { at: now + milliseconds, callback }
  deadlines.add(deadline)
  if (ticker === undefined) {
    last = performance.now()
    ticker = setInterval(tick, STEP)
  }
  return () => {
    deadlines.delete(deadline)
    stopIfIdle()
  }
}

function tick(): void {
  const time = performance.now()
  now += Math.min(time - last, LONGEST_STEP)
  last = time
  for (const deadline of deadlines) {
    if (deadline.at > now) continue
    deadlines.delete(deadline)
    deadline.callback()
  }
  stopIfIdle()
}

function stopIfIdle(): void {
  if (deadlines.size > 0) return
  clearInterval(ticker)
  ticker = undefined
}
