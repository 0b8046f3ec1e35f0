// Limits of one search: the text it looks at, the time it takes, and its work between two turns of
// the event loop.

import { setImmediate as nextTurn } from 'node:timers/promises'

/** Characters (UTF-16 units) that one search looks at. */
export const SEARCH_CHARACTERS = 1_000_000

/** Characters between two turns of the event loop: at most a few milliseconds of work. */
export const SEARCH_SLICE = 8000

/** Characters that each entry counts in addition to its text. */
const ENTRY = 100

/** Milliseconds from the start of a search to its end. */
const DURATION = 1000

/** The rest of a search's limits, spent when its text or time is used up or `signal` is aborted. */
export class SearchBudget {
  readonly #signal: AbortSignal | undefined
  readonly #deadline = performance.now() + DURATION
  #characters = 0
  #slice = 0

  constructor(signal?: AbortSignal) {
    this.#signal = signal
  }

  get isSpent(): boolean {
    return (
      this.#characters >= SEARCH_CHARACTERS ||
      performance.now() >= this.#deadline ||
      this.#signal?.aborted === true
    )
  }

  /** Counts an entry that has been looked at. Lets the event loop turn after each slice. */
  async spend(characters: number): Promise<void> {
    this.#characters += characters + ENTRY
    this.#slice += characters + ENTRY
    if (this.#slice < SEARCH_SLICE) return
    this.#slice = 0
    await nextTurn()
  }
}
