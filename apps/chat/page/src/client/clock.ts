// Time, as far as the page's logic needs it, so that tests can turn it by hand.

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls once after this many milliseconds. The result cancels the call. */
  after(ms: number, call: () => void): () => void
}

export const clock: Clock = {
  now: () => Date.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}
