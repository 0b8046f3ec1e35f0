// Timers that a test turns by hand.

import type { Delay } from '../../src/engine/stream/room-stream.ts'

/** Nothing runs until the time has been moved there. */
export class Timers {
  #now = 0
  readonly #waiting = new Set<{ readonly at: number; readonly run: () => void }>()

  /** A timer function for the code under test. */
  readonly delay: Delay = (milliseconds, run) => {
    const timer = { at: this.#now + milliseconds, run }
    this.#waiting.add(timer)
    return () => this.#waiting.delete(timer)
  }

  /** Milliseconds until each timer that runs. */
  get left(): readonly number[] {
    return Array.from(this.#waiting, ({ at }) => at - this.#now).sort((a, b) => a - b)
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds
    for (const timer of [...this.#waiting].sort((a, b) => a.at - b.at)) {
      if (timer.at <= this.#now && this.#waiting.delete(timer)) timer.run()
    }
  }
}
