// A clock for tests, which moves only on request.

import type { Clock } from './clock.ts'

export class ManualClock implements Clock {
  #now = 0
  #calls: { readonly at: number; readonly call: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, call: () => void): () => void {
    const entry = { at: this.#now + ms, call }
    this.#calls.push(entry)
    return () => {
      this.#calls = this.#calls.filter(other => other !== entry)
    }
  }

  /** Advances by this many milliseconds, and makes the calls that become due, each at its time. */
  go(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const due = this.#calls.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0]
      if (due === undefined) break
      this.#calls = this.#calls.filter(other => other !== due)
      this.#now = Math.max(this.#now, due.at)
      due.call()
    }
    this.#now = end
  }
}
